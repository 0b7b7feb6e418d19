"""A pharmacy corrects a dispensing it made: taken back, or replaced, with its claim and its money."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api import examples as claim_examples
from claims.api.dispensings import SignedDispensingInput, read_dispensing
from claims.api.receipts import received
from claims.api.serializers import JudgedClaimOutput
from claims.presenters import state_output
from core.api.actions import Action, Answer
from core.api.fields import ConstantField
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import CodedOutput, answers
from core.api.serializers import Input, Output, read
from payments import services
from providers.api.documents import signed_document
from providers.api.fields import InpeField
from providers.api.permissions import Dispenses

REVERSED = {
    "id": claim_examples.DISPENSED_CLAIM["id"],
    "outcome": "REVERSED",
    "state": {"code": "REVERSED", "label": {"fr": "extournée", "ar": "ملغاة بعد القبول"}},
}


class CorrectionInput(Input):
    """Why, by which pharmacy (its only one when not said)."""

    provider = InpeField(required=False)
    reason = ConstantField(*services.CorrectionReason.values)


class CorrectionOutput(Output):
    """REVERSED at once, or ASKED: what was paid is taken back once a person of the fund confirms."""

    id = serializers.UUIDField()
    outcome = serializers.CharField()
    state = CodedOutput()


class ReverseDispensing(Action):
    permission_classes = [Dispenses]

    @extend_schema(
        operation_id="reverse_dispensing",
        summary=_("Reprendre une délivrance avec sa demande"),
        parameters=[IDEMPOTENCY_KEY],
        request=CorrectionInput,
        responses=answers(REVERSED, CorrectionOutput, refusals=(400, 404, 409, 422)),
    )
    def post(self, request: Request, claim_id: UUID) -> Response:
        entry = read(CorrectionInput, request.data)
        pharmacy = request.auth.acting_for(entry.get("provider"), pointer="/provider")

        def reverse(at: datetime) -> Answer:
            correction = services.reverse_dispensing(
                claim_id=claim_id,
                pharmacy=pharmacy,
                reason=services.CorrectionReason(entry["reason"]),
                by=request.user,
                at=at,
            )
            claim = correction.claim
            return 200, {
                "id": str(claim.pk),
                "outcome": correction.outcome,
                "state": state_output(claim),
            }

        return self.once(request, reverse)


class AmendDispensing(Action):
    permission_classes = [Dispenses]

    @extend_schema(
        operation_id="amend_dispensing",
        summary=_("Rectifier une délivrance : une nouvelle version remplace l’ancienne"),
        parameters=[IDEMPOTENCY_KEY],
        request=SignedDispensingInput,
        responses=answers(
            claim_examples.DISPENSED_CLAIM,
            JudgedClaimOutput,
            status=201,
            refusals=(400, 404, 409, 422),
        ),
    )
    def post(self, request: Request, claim_id: UUID) -> Response:
        draft = read_dispensing(request.data)
        pharmacy = request.auth.signing_for(draft.inpe)

        def amend(at: datetime) -> Answer:
            receipt = services.amend_dispensing(
                claim_id=claim_id,
                pharmacy=pharmacy,
                draft=draft,
                signed=signed_document(request.data),
                by=request.user,
                at=at,
            )
            return 201, received(receipt)

        return self.once(request, amend)
