"""Addresses of medicines and prescriptions."""

from django.urls import path

from prescriptions.api.codes import PrescriberKeys, ScanCode
from prescriptions.api.followed import FollowPrescriptions, ReadNarcoticRegister
from prescriptions.api.papers import ReadPaper
from prescriptions.api.preparing import (
    DropPreparation,
    Equivalents,
    Preparations,
    Protocols,
    RemoveProtocol,
    Renewal,
)
from prescriptions.api.presence import PresenceAddress, SendPresenceCode
from prescriptions.api.requests import (
    AnswerRequest,
    AskPrescriber,
    ListRequests,
    WithdrawRequest,
    WriteMessage,
)
from prescriptions.api.safety import AnswerAlerts, CareProfileAddress, CheckSafety
from prescriptions.api.views import (
    CancelPrescription,
    CustodyAddress,
    ReadMedicine,
    ReadPrescription,
    SearchMedicines,
    WritePrescription,
)

urlpatterns = [
    path("medicines", SearchMedicines.as_view(), name="medicines"),
    path("medicines/<str:ean>", ReadMedicine.as_view(), name="medicine"),
    path("medicines/<str:ean>/equivalents", Equivalents.as_view(), name="equivalents"),
    path("followed-prescriptions", FollowPrescriptions.as_view(), name="followed"),
    path("narcotic-register", ReadNarcoticRegister.as_view(), name="narcotic_register"),
    path("protocols", Protocols.as_view(), name="protocols"),
    path("protocols/<int:key>", RemoveProtocol.as_view(), name="protocol"),
    path("preparations", Preparations.as_view(), name="preparations"),
    path("preparations/<uuid:preparation>", DropPreparation.as_view(), name="preparation"),
    path("renewals/<uuid:patient>", Renewal.as_view(), name="renewal"),
    path("prescriptions", WritePrescription.as_view(), name="prescriptions"),
    path("prescriptions/scan", ScanCode.as_view(), name="prescription_scan"),
    path("prescriber-keys", PrescriberKeys.as_view(), name="prescriber_keys"),
    path("prescriptions/<str:fse_number>", ReadPrescription.as_view(), name="prescription"),
    path("prescriptions/<str:fse_number>/custody", CustodyAddress.as_view(), name="custody"),
    path("prescriptions/<str:fse_number>/paper", ReadPaper.as_view(), name="prescription_paper"),
    path(
        "prescriptions/<str:fse_number>/cancellation",
        CancelPrescription.as_view(),
        name="prescription_cancellation",
    ),
    path("prescriptions/<str:fse_number>/presence", PresenceAddress.as_view(), name="presence"),
    path(
        "prescriptions/<str:fse_number>/presence-codes",
        SendPresenceCode.as_view(),
        name="presence_codes",
    ),
    path("prescriptions/<str:fse_number>/requests", AskPrescriber.as_view(), name="ask_prescriber"),
    path("requests", ListRequests.as_view(), name="requests"),
    path("requests/<uuid:request_id>/answer", AnswerRequest.as_view(), name="request_answer"),
    path("requests/<uuid:request_id>/messages", WriteMessage.as_view(), name="request_messages"),
    path(
        "requests/<uuid:request_id>/withdrawal",
        WithdrawRequest.as_view(),
        name="request_withdrawal",
    ),
    path("safety", CheckSafety.as_view(), name="safety"),
    path("safety/answers", AnswerAlerts.as_view(), name="safety_answers"),
    path(
        "patients/<uuid:person_id>/care-profile", CareProfileAddress.as_view(), name="care_profile"
    ),
]
