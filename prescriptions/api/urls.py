"""Addresses of medicines and prescriptions."""

from django.urls import path

from prescriptions.api.codes import PrescriberKeys, ScanCode
from prescriptions.api.commands import (
    CancelPrescription,
    CustodyAddress,
    RecordOutcomes,
    ReopenPrescription,
    RetractPrescription,
    WaiveRemainder,
)
from prescriptions.api.followed import (
    ExportPrescriptions,
    FollowPrescriptions,
    ReadNarcoticRegister,
)
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
    ReadMedicine,
    ReadPrescription,
    SearchMedicines,
    WritePrescription,
)

ONE = "prescriptions/<str:fse_number>"
REQUEST = "requests/<uuid:request_id>"

urlpatterns = [
    path("medicines", SearchMedicines.as_view(), name="medicines"),
    path("medicines/<str:ean>", ReadMedicine.as_view(), name="medicine"),
    path("medicines/<str:ean>/equivalents", Equivalents.as_view(), name="equivalents"),
    path("followed-prescriptions", FollowPrescriptions.as_view(), name="followed"),
    path(
        "followed-prescriptions/document", ExportPrescriptions.as_view(), name="followed_document"
    ),
    path("narcotic-register", ReadNarcoticRegister.as_view(), name="narcotic_register"),
    path("protocols", Protocols.as_view(), name="protocols"),
    path("protocols/<int:key>", RemoveProtocol.as_view(), name="protocol"),
    path("preparations", Preparations.as_view(), name="preparations"),
    path("preparations/<uuid:preparation>", DropPreparation.as_view(), name="preparation"),
    path("renewals/<uuid:patient>", Renewal.as_view(), name="renewal"),
    path("prescriptions", WritePrescription.as_view(), name="prescriptions"),
    path("prescriptions/scan", ScanCode.as_view(), name="prescription_scan"),
    path("prescriber-keys", PrescriberKeys.as_view(), name="prescriber_keys"),
    path(ONE, ReadPrescription.as_view(), name="prescription"),
    path(f"{ONE}/custody", CustodyAddress.as_view(), name="custody"),
    path(f"{ONE}/outcomes", RecordOutcomes.as_view(), name="prescription_outcomes"),
    path(f"{ONE}/reopening", ReopenPrescription.as_view(), name="prescription_reopening"),
    path(f"{ONE}/cancellation", CancelPrescription.as_view(), name="prescription_cancellation"),
    path(f"{ONE}/retraction", RetractPrescription.as_view(), name="prescription_retraction"),
    path(f"{ONE}/waiver", WaiveRemainder.as_view(), name="prescription_waiver"),
    path(f"{ONE}/presence", PresenceAddress.as_view(), name="presence"),
    path(f"{ONE}/presence-codes", SendPresenceCode.as_view(), name="presence_codes"),
    path(f"{ONE}/requests", AskPrescriber.as_view(), name="ask_prescriber"),
    path("requests", ListRequests.as_view(), name="requests"),
    path(f"{REQUEST}/answer", AnswerRequest.as_view(), name="request_answer"),
    path(f"{REQUEST}/messages", WriteMessage.as_view(), name="request_messages"),
    path(f"{REQUEST}/withdrawal", WithdrawRequest.as_view(), name="request_withdrawal"),
    path(f"{ONE}/paper", ReadPaper.as_view(), name="prescription_paper"),
    path("safety", CheckSafety.as_view(), name="safety"),
    path("safety/answers", AnswerAlerts.as_view(), name="safety_answers"),
    path(
        "patients/<uuid:person_id>/care-profile", CareProfileAddress.as_view(), name="care_profile"
    ),
]
