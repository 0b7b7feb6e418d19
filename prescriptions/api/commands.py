"""What is done with a prescription once it is written: held, answered, cancelled, taken back."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import queries
from core.api.actions import Action, Answer
from core.api.fields import ConstantField, PatternField, TextField, WholeNumberField
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import answers
from core.api.serializers import Input, read
from prescriptions import selectors, services
from prescriptions.api import examples
from prescriptions.api.addresses import LOOKUPS, number_of
from prescriptions.api.queries import ReleaseQuery
from prescriptions.api.serializers import (
    CountField,
    CustodyOutput,
    HolderOutput,
    PrescriptionReceiptOutput,
)
from prescriptions.models import NotDispensed, Outcome
from prescriptions.presenters import cancellation_output, custody_output, receipt_output
from providers.api.fields import InpeField
from providers.api.permissions import Dispenses, Prescribes

PROVIDER = queries.query_parameter(
    "provider", _("INPE pour lequel on agit, s’il y en a plusieurs.")
)
REASON = queries.query_parameter(
    "reason", _("Pourquoi : PATIENT_LEFT, OUT_OF_STOCK, MISTAKE, QUESTION ou OTHER.")
)
# As typed by a person: spaces, dashes and look-alikes are forgiven further on.
AS_TYPED = r"[0-9A-Za-z \-]{1,20}"
MOST_INSTANCES = 12


class PharmacyInput(Input):
    """The pharmacy that acts (its only one when not said), and which instance of a repeated prescription
    (the current one when not said)."""

    provider = InpeField(required=False)
    instance = WholeNumberField(smallest=1, largest=MOST_INSTANCES, required=False)


class CustodyInput(PharmacyInput):
    """What opens the prescription: its secret, or the one of a line's ticket."""

    secret = PatternField(AS_TYPED, code="SECRET_FORMAT", required=False)


class OutcomeInput(Input):
    """Why nothing is handed over on a line."""

    position = CountField()
    outcome = ConstantField(Outcome.OWING.value, Outcome.NOT_DISPENSED.value)
    reason = ConstantField(*NotDispensed.values)


class OutcomesInput(PharmacyInput):
    """What a counter says of lines."""

    lines = OutcomeInput(many=True)


class ReasonInput(Input):
    """Why."""

    reason = TextField(max_length=500)


class PositionInput(Input):
    """One line."""

    position = CountField()


class CancellationInput(ReasonInput):
    """Why, and which lines; all of them when not said."""

    lines = PositionInput(many=True, required=False)


class GivenOutput(serializers.Serializer):
    """A line of which boxes were handed over already."""

    position = serializers.IntegerField()
    boxes = serializers.IntegerField()


class CancellationOutput(PrescriptionReceiptOutput):
    """What the request to cancel came to; `held_by` is who must answer first."""

    outcome = serializers.CharField()
    held_by = HolderOutput(allow_null=True)
    given = GivenOutput(many=True)


class HoldPrescription(Action):
    permission_classes = [Dispenses]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="take_custody",
        summary=_("Ouvrir une ordonnance au comptoir, ou prolonger"),
        parameters=[IDEMPOTENCY_KEY],
        request=CustodyInput,
        responses=answers(examples.CUSTODY, CustodyOutput, refusals=(400, 404, 409, 422, 429)),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(CustodyInput, request.data)
        pharmacy = request.auth.acting_for(entry.pop("provider", None), pointer="/provider")
        number = number_of(fse_number)

        def hold(at: datetime) -> Answer:
            prescription = services.take_custody(
                fse_number=number, pharmacy=pharmacy, by=request.user, at=at, **entry
            )
            return 200, custody_output(prescription, at=at)

        return self.once(request, hold)


class ReleasePrescription(Action):
    permission_classes = [Dispenses]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="release_custody",
        summary=_("Rendre une ordonnance ; recommencer ne change rien"),
        parameters=[PROVIDER, REASON],
        responses=answers(None, None, status=204, refusals=(404, 422, 429)),
    )
    def delete(self, request: Request, fse_number: str) -> Response:
        query = queries.read_query(ReleaseQuery, request)
        pharmacy = request.auth.acting_for(query.get("provider"), pointer="/provider")
        services.release_custody(
            fse_number=number_of(fse_number),
            pharmacy=pharmacy,
            by=request.user,
            at=timezone.now(),
            reason=query.get("reason", "OTHER"),
        )
        return Response(status=204)


class CustodyAddress(HoldPrescription, ReleasePrescription):
    """One address, two actions behind the same door."""


class RecordOutcomes(Action):
    permission_classes = [Dispenses]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="record_outcomes",
        summary=_("Dire pourquoi des lignes ne sont pas délivrées, ou sont dues"),
        parameters=[IDEMPOTENCY_KEY],
        request=OutcomesInput,
        responses=answers(
            examples.RECEIPT, PrescriptionReceiptOutput, refusals=(400, 404, 409, 422, 429)
        ),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(OutcomesInput, request.data)
        pharmacy = request.auth.acting_for(entry.get("provider"), pointer="/provider")
        number = number_of(fse_number)

        def record(at: datetime) -> Answer:
            prescription = services.record_outcomes(
                fse_number=number,
                pharmacy=pharmacy,
                answers=[services.Answer(**line) for line in entry["lines"]],
                by=request.user,
                at=at,
                instance=entry.get("instance"),
            )
            return 200, receipt_output(prescription)

        return self.once(request, record)


class ReopenPrescription(Action):
    permission_classes = [Dispenses]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="reopen_prescription",
        summary=_("Revenir sur un refus de toute l’ordonnance"),
        parameters=[IDEMPOTENCY_KEY],
        request=PharmacyInput,
        responses=answers(
            examples.RECEIPT, PrescriptionReceiptOutput, refusals=(400, 404, 409, 422, 429)
        ),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(PharmacyInput, request.data)
        pharmacy = request.auth.acting_for(entry.pop("provider", None), pointer="/provider")
        number = number_of(fse_number)

        def reopen(at: datetime) -> Answer:
            prescription = services.reopen(
                fse_number=number, pharmacy=pharmacy, by=request.user, at=at, **entry
            )
            return 200, receipt_output(prescription)

        return self.once(request, reopen)


class CancelPrescription(Action):
    permission_classes = [Prescribes]

    @extend_schema(
        operation_id="cancel_prescription",
        summary=_("Annuler une ordonnance, ou des lignes : la réponse dit ce qui l’a été"),
        parameters=[IDEMPOTENCY_KEY],
        request=CancellationInput,
        responses=answers(examples.CANCELLED, CancellationOutput, refusals=(400, 404, 409, 422)),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(CancellationInput, request.data)
        number = _prescribed(request, fse_number)

        def cancel(at: datetime) -> Answer:
            cancellation = services.cancel_prescription(
                fse_number=number,
                reason=entry["reason"],
                positions=[line["position"] for line in entry.get("lines", ())],
                by=request.user,
                at=at,
            )
            return 200, cancellation_output(cancellation, at=at)

        return self.once(request, cancel)


class RetractPrescription(Action):
    permission_classes = [Prescribes]

    @extend_schema(
        operation_id="retract_prescription",
        summary=_("Retirer une ordonnance écrite par erreur, dont rien n’a été délivré"),
        parameters=[IDEMPOTENCY_KEY],
        request=ReasonInput,
        responses=answers(
            examples.RECEIPT, PrescriptionReceiptOutput, refusals=(400, 404, 409, 422)
        ),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(ReasonInput, request.data)
        number = _prescribed(request, fse_number)

        def retract(at: datetime) -> Answer:
            prescription = services.retract_prescription(
                fse_number=number, reason=entry["reason"], by=request.user, at=at
            )
            return 200, receipt_output(prescription)

        return self.once(request, retract)


class WaiveRemainder(Action):
    permission_classes = [Prescribes]

    @extend_schema(
        operation_id="waive_remainder",
        summary=_("Clore ce qui reste d’une ordonnance délivrée en partie"),
        parameters=[IDEMPOTENCY_KEY],
        request=ReasonInput,
        responses=answers(
            examples.RECEIPT, PrescriptionReceiptOutput, refusals=(400, 404, 409, 422)
        ),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(ReasonInput, request.data)
        number = _prescribed(request, fse_number)

        def waive(at: datetime) -> Answer:
            prescription = services.waive_remainder(
                fse_number=number, reason=entry["reason"], by=request.user, at=at
            )
            return 200, receipt_output(prescription)

        return self.once(request, waive)


def _prescribed(request: Any, fse_number: str) -> str:
    """Return the number of a prescription of a practice the caller acts for. Raises NotTheAuthor."""
    number = number_of(fse_number)
    known = selectors.prescription_by_number(number)
    if known is not None and not request.auth.acts_for(known.prescriber):
        raise services.NotTheAuthor
    return number
