"""Medicines, and prescriptions: signed in, read by number, held, given back, cancelled."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import queries
from core.api.actions import Action, Answer
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import answers
from core.api.serializers import Json
from core.errors import DomainError
from prescriptions import selectors, services
from prescriptions.api import examples
from prescriptions.api.addresses import LOOKUPS, number_of
from prescriptions.api.documents import (
    SignedPrescriptionInput,
    prescription_draft,
    read_signed_prescription,
)
from prescriptions.api.queries import DayQuery, ProviderQuery, SearchQuery
from prescriptions.api.serializers import (
    MedicineOutput,
    MedicinesOutput,
    PrescriptionOutput,
    PrescriptionReceiptOutput,
)
from prescriptions.models import Prescription
from prescriptions.presenters import (
    medicine_output,
    prescription_output,
    receipt_output,
)
from providers.api.documents import signed_document
from providers.api.permissions import GivesCare, Prescribes, ReadsPrescriptions

PROVIDER = queries.query_parameter(
    "provider", _("INPE pour lequel on agit, s’il y en a plusieurs.")
)


class MedicineNotFound(DomainError):
    """The list has no medicine of this code."""

    code = "MEDICINE_NOT_FOUND"
    status = 404
    message = _("Aucun médicament de la liste ne porte ce code.")


class SearchMedicines(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="search_medicines",
        summary=_("Chercher un médicament : marque, DCI ou code EAN"),
        parameters=[queries.SEARCH, queries.DAY],
        responses=answers(examples.MEDICINES, MedicinesOutput, refusals=(422,)),
    )
    def get(self, request: Request) -> Response:
        query = queries.read_query(SearchQuery, request)
        day = query.get("day") or timezone.localdate()
        found = selectors.search_medicines(query["q"], day=day)
        return Response({"results": [medicine_output(medicine, day=day) for medicine in found]})


class ReadMedicine(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="medicine",
        summary=_("Un médicament, avec son prix d’un jour"),
        parameters=[queries.DAY],
        responses=answers(examples.MEDICINE, MedicineOutput, refusals=(404, 422)),
    )
    def get(self, request: Request, ean: str) -> Response:
        query = queries.read_query(DayQuery, request)
        day = query.get("day") or timezone.localdate()
        medicine = selectors.medicine_by_ean(ean, day=day) if ean.isdigit() else None
        if medicine is None:
            raise MedicineNotFound
        return Response(medicine_output(medicine, day=day))


class WritePrescription(Action):
    permission_classes = [Prescribes]

    @extend_schema(
        operation_id="write_prescription",
        summary=_("Déposer une ordonnance signée"),
        parameters=[IDEMPOTENCY_KEY],
        request=SignedPrescriptionInput,
        examples=[examples.SIGNED_PRESCRIPTION],
        responses=answers(
            examples.RECEIPT, PrescriptionReceiptOutput, status=201, refusals=(400, 409, 422)
        ),
    )
    def post(self, request: Request) -> Response:
        entry = read_signed_prescription(request.data)
        draft = prescription_draft(entry["document"])
        request.auth.signing_for(draft.inpe)

        def write(at: datetime) -> Answer:
            prescription = services.write_prescription(
                draft=draft,
                signed=signed_document(request.data),
                code=request.data.get("code"),
                preparation=entry.get("preparation"),
                by=request.user,
                at=at,
            )
            return 201, receipt_output(prescription)

        return self.once(request, write)


class ReadPrescription(Action):
    permission_classes = [ReadsPrescriptions]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="prescription",
        summary=_("Lire une ordonnance par son numéro ; la lecture est tracée"),
        parameters=[PROVIDER],
        responses=answers(examples.PRESCRIPTION, PrescriptionOutput, refusals=(403, 404, 422, 429)),
    )
    def get(self, request: Request, fse_number: str) -> Response:
        query = queries.read_query(ProviderQuery, request)
        provider = request.auth.acting_for(query.get("provider"), pointer="/provider")
        at = timezone.now()
        prescription = services.read_prescription(
            fse_number=number_of(fse_number), provider=provider, by=request.user, at=at
        )
        return Response(_with_prices(prescription, at=at))


def _with_prices(prescription: Prescription, *, at: datetime) -> Json:
    day: date = timezone.localdate(at)
    eans = {item.medicine.ean for item in prescription.items.all() if item.medicine}
    priced = {ean: selectors.medicine_by_ean(ean, day=day) for ean in eans}
    found = {ean: medicine for ean, medicine in priced.items() if medicine is not None}
    return prescription_output(prescription, priced=found, day=day, at=at)
