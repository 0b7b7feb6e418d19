"""What helps to write: equivalents and prices, what a patient takes, protocols, what waits for a signature."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import queries
from core.api.actions import Action, Answer
from core.api.fields import IdentifierField, TextField, WholeNumberField
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import answers
from core.api.serializers import Input, Output, read
from core.errors import DomainError
from insured.selectors import person_by_id
from prescriptions import services
from prescriptions.api import examples
from prescriptions.api.documents import PrescribedLineInput
from prescriptions.api.queries import DayQuery, ProviderQuery
from prescriptions.api.serializers import MedicineOutput, MedicinesOutput, PatientOutput
from prescriptions.presenters import medicine_output
from prescriptions.presenters.writing import (
    preparation_output,
    protocol_output,
    renewal_output,
)
from prescriptions.selectors import writing
from providers.api.fields import InpeField
from providers.api.permissions import GivesCare, WritesPrescriptions
from providers.models import Provider

FIRST_KEY, LAST_KEY = 1, 9


class NothingToRenew(DomainError):
    """The practice wrote nothing for this patient yet."""

    code = "NOTHING_TO_RENEW"
    status = 404
    message = _("Ce cabinet n’a encore rien prescrit à ce patient.")


class ProtocolInput(Input):
    """Lines put on a key of a practice; its only one when not said."""

    provider = InpeField(required=False)
    key = WholeNumberField(smallest=FIRST_KEY, largest=LAST_KEY)
    name = TextField(max_length=60)
    lines = PrescribedLineInput(many=True)


class PreparationInput(Input):
    """Lines prepared for a prescriber to sign."""

    provider = InpeField(required=False)
    patient = IdentifierField()
    lines = PrescribedLineInput(many=True)


class WrittenLinesOutput(Output):
    """Lines as a document writes them, and the medicines they name with their prices of today."""

    lines = PrescribedLineInput(many=True)
    medicines = MedicineOutput(many=True)


class ProtocolOutput(WrittenLinesOutput):
    """What is on a key."""

    key = serializers.IntegerField()
    name = serializers.CharField()


class ProtocolsOutput(Output):
    """Protocols of a practice, by key."""

    results = ProtocolOutput(many=True)


class PreparationOutput(WrittenLinesOutput):
    """A prescription that waits for its signature."""

    id = serializers.UUIDField()
    patient = PatientOutput()
    prepared_by = serializers.CharField()
    prepared_at = serializers.DateTimeField()


class PreparationsOutput(Output):
    """Prescriptions that wait, oldest first."""

    results = PreparationOutput(many=True)


class RenewalOutput(WrittenLinesOutput):
    """The last prescription of the practice for a patient."""

    fse_number = serializers.CharField()
    written_on = serializers.DateField()


class Equivalents(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="medicine_equivalents",
        summary=_(
            "Médicaments de mêmes DCI, dosage, forme et contenance, du moins cher au plus cher"
        ),
        parameters=[queries.DAY],
        responses=answers(examples.MEDICINES, MedicinesOutput, refusals=(422,)),
    )
    def get(self, request: Request, ean: str) -> Response:
        query = queries.read_query(DayQuery, request)
        day = query.get("day") or timezone.localdate()
        found = writing.equivalents(ean, day=day)
        return Response({"results": [medicine_output(medicine, day=day) for medicine in found]})


class ListProtocols(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="protocols",
        summary=_("Favoris et protocoles du cabinet, touches 1 à 9"),
        parameters=[queries.query_parameter("provider", _("INPE du cabinet."))],
        responses=answers(examples.PROTOCOLS, ProtocolsOutput, refusals=(422,)),
    )
    def get(self, request: Request) -> Response:
        provider = _provider_of(request)
        day = timezone.localdate()
        found = writing.protocols_of(provider)
        return Response({"results": [protocol_output(each, day=day) for each in found]})


class WriteProtocol(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="write_protocol",
        summary=_("Mettre des lignes sur une touche du cabinet"),
        parameters=[IDEMPOTENCY_KEY],
        request=ProtocolInput,
        responses=answers(examples.PROTOCOL, ProtocolOutput, refusals=(400, 422)),
    )
    def post(self, request: Request) -> Response:
        entry = read(ProtocolInput, request.data)
        provider = request.auth.acting_for(entry.get("provider"), pointer="/provider")

        def write(at: datetime) -> Answer:
            kept = services.write_protocol(
                provider=provider,
                key=entry["key"],
                name=entry["name"],
                lines=_lines(request),
                by=request.user,
                at=at,
            )
            return 200, protocol_output(kept, day=timezone.localdate(at))

        return self.once(request, write)


class Protocols(ListProtocols, WriteProtocol):
    """One address, two actions behind the same door."""


class RemoveProtocol(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="remove_protocol",
        summary=_("Libérer une touche du cabinet"),
        parameters=[queries.query_parameter("provider", _("INPE du cabinet."))],
        responses=answers(None, None, status=204, refusals=(404, 422)),
    )
    def delete(self, request: Request, key: int) -> Response:
        provider = _provider_of(request)
        services.remove_protocol(provider=provider, key=key, by=request.user, at=timezone.now())
        return Response(status=204)


class ListPreparations(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="preparations",
        summary=_("Ordonnances préparées qui attendent la signature"),
        parameters=[queries.query_parameter("provider", _("INPE du cabinet."))],
        responses=answers(examples.PREPARATIONS, PreparationsOutput, refusals=(422,)),
    )
    def get(self, request: Request) -> Response:
        provider = _provider_of(request)
        day = timezone.localdate()
        found = writing.preparations_of(provider)
        return Response({"results": [preparation_output(each, day=day) for each in found]})


class Prepare(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="prepare_prescription",
        summary=_("Préparer une ordonnance : aucun numéro n’est pris"),
        parameters=[IDEMPOTENCY_KEY],
        request=PreparationInput,
        responses=answers(examples.PREPARATION, PreparationOutput, status=201, refusals=(400, 422)),
    )
    def post(self, request: Request) -> Response:
        entry = read(PreparationInput, request.data)
        provider = request.auth.acting_for(entry.get("provider"), pointer="/provider")
        patient = person_by_id(entry["patient"])
        if patient is None:
            raise services.PatientUnknown(pointer="/patient")

        def prepare(at: datetime) -> Answer:
            prepared = services.prepare_prescription(
                provider=provider, patient=patient, lines=_lines(request), by=request.user, at=at
            )
            return 201, preparation_output(prepared, day=timezone.localdate(at))

        return self.once(request, prepare)


class Preparations(ListPreparations, Prepare):
    """One address, two actions behind the same door."""


class DropPreparation(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="drop_preparation",
        summary=_("Retirer une ordonnance préparée ; recommencer ne change rien"),
        responses=answers(None, None, status=204, refusals=(409,)),
    )
    def delete(self, request: Request, preparation: UUID) -> Response:
        services.drop_preparation(preparation_id=preparation, by=request.user, at=timezone.now())
        return Response(status=204)


class Renewal(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="renewal",
        summary=_("La dernière ordonnance du cabinet pour un patient, prête à renouveler"),
        parameters=[queries.query_parameter("provider", _("INPE du cabinet."))],
        responses=answers(examples.RENEWAL, RenewalOutput, refusals=(404, 422)),
    )
    def get(self, request: Request, patient: UUID) -> Response:
        provider = _provider_of(request)
        last = writing.last_prescription(patient_id=patient, prescriber=provider)
        if last is None:
            raise NothingToRenew
        return Response(renewal_output(last, day=timezone.localdate()))


def _provider_of(request: Request) -> Provider:
    query = queries.read_query(ProviderQuery, request)
    provider: Provider = request.auth.acting_for(query.get("provider"), pointer="/provider")
    return provider


def _lines(request: Request) -> list[dict[str, Any]]:
    """The lines exactly as sent: they were checked, and a document will carry them as they are."""
    return list(request.data["lines"])
