"""Addresses of medicines and prescriptions."""

from django.urls import path

from prescriptions.api.codes import PrescriberKeys, ScanCode
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
    path("prescriptions", WritePrescription.as_view(), name="prescriptions"),
    path("prescriptions/scan", ScanCode.as_view(), name="prescription_scan"),
    path("prescriber-keys", PrescriberKeys.as_view(), name="prescriber_keys"),
    path("prescriptions/<str:fse_number>", ReadPrescription.as_view(), name="prescription"),
    path("prescriptions/<str:fse_number>/custody", CustodyAddress.as_view(), name="custody"),
    path(
        "prescriptions/<str:fse_number>/cancellation",
        CancelPrescription.as_view(),
        name="prescription_cancellation",
    ),
]
