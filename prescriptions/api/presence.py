"""Proof that the insured is at the counter, and what the fund guarantees with it."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api import queries
from core.api.actions import Action, Answer
from core.api.fields import ConstantField, TextField
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import CodedOutput, answers
from core.api.serializers import Input, Json, Output, read
from core.numbers import is_fse_number, normalise_number
from insured import services
from insured.models import Insured, PresenceProof, ProofLevel
from insured.selectors import presence_of
from prescriptions import selectors
from prescriptions.api.queries import ProviderQuery
from prescriptions.presenters.requests import NO_PROOF, presence_output
from prescriptions.selectors.requests import guarantee_of
from prescriptions.services import PrescriptionNotFound
from providers.api.fields import InpeField
from providers.api.permissions import Dispenses

LOOKUPS = "prescription-lookups"
PROVIDER = queries.query_parameter("provider", _("INPE de la pharmacie, s’il y en a plusieurs."))


class CodeInput(Input):
    """The pharmacy that asks for a code."""

    provider = InpeField(required=False)


class PresenceInput(Input):
    """How presence is shown: the number of a card, a typed code, the text of a QR, or a reason."""

    provider = InpeField(required=False)
    level = ConstantField(*[str(level) for level in ProofLevel.values])
    evidence = TextField(max_length=200)


class SentCodeOutput(Output):
    """A code on its way; `shown` is the message itself on demonstration machines, empty elsewhere."""

    phone = serializers.CharField()
    until = serializers.DateTimeField()
    shown = serializers.CharField(allow_blank=True)


class ProofOutput(Output):
    """A proof that serves, until an instant."""

    level = CodedOutput()
    until = serializers.DateTimeField()


class GuaranteeOutput(Output):
    """The share of an estimate that the fund guarantees at a level, with its source."""

    level = CodedOutput()
    share = serializers.CharField()
    reference = serializers.CharField()


class PresenceOutput(Output):
    """The proof that serves, the share guaranteed with it, and the whole table."""

    proof = ProofOutput(allow_null=True)
    share = serializers.CharField()
    guarantees = GuaranteeOutput(many=True)


class CheckedPresenceOutput(PresenceOutput):
    """The same after a try; `attempts_left` of a typed code, null for the other levels."""

    attempts_left = serializers.IntegerField(allow_null=True)


LEVEL = {"code": "CARD", "label": {"fr": "carte de l’assuré", "ar": "بطاقة المؤمَّن له"}}
PRESENCE = {
    "proof": {"level": LEVEL, "until": "2026-11-22T11:00:00+00:00"},
    "share": "1.00",
    "guarantees": [{"level": LEVEL, "share": "1.00", "reference": "to be confirmed"}],
}
SENT = {"phone": "•••••••678", "until": "2026-11-22T10:05:00+00:00", "shown": ""}


class SendPresenceCode(Action):
    permission_classes = [Dispenses]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="send_presence_code",
        summary=_("Envoyer un code de présence au téléphone de l’assuré"),
        parameters=[IDEMPOTENCY_KEY],
        request=CodeInput,
        responses=answers(SENT, SentCodeOutput, status=201, refusals=(400, 404, 409, 422, 429)),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(CodeInput, request.data)
        pharmacy = request.auth.acting_for(entry.get("provider"), pointer="/provider")

        def send(at: datetime) -> Answer:
            sent = services.send_code(
                insured=_insured_of(fse_number), inpe=pharmacy.inpe, by=request.user, at=at
            )
            return 201, {
                "phone": sent.phone,
                "until": sent.until.isoformat(),
                "shown": sent.shown,
            }

        return self.once(request, send)


class ReadPresence(Action):
    permission_classes = [Dispenses]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="presence",
        summary=_("La preuve de présence qui sert, et ce que la caisse garantit"),
        parameters=[PROVIDER],
        responses=answers(PRESENCE, PresenceOutput, refusals=(404, 422, 429)),
    )
    def get(self, request: Request, fse_number: str) -> Response:
        query = queries.read_query(ProviderQuery, request)
        pharmacy = request.auth.acting_for(query.get("provider"), pointer="/provider")
        return Response(_shown(_insured_of(fse_number), pharmacy.inpe, clock.now()))


class ProvePresence(Action):
    permission_classes = [Dispenses]
    throttle_scope = LOOKUPS

    @extend_schema(
        operation_id="prove_presence",
        summary=_("Prouver la présence de l’assuré ; un code faux est compté"),
        parameters=[IDEMPOTENCY_KEY],
        request=PresenceInput,
        responses=answers(
            {**PRESENCE, "attempts_left": None},
            CheckedPresenceOutput,
            refusals=(400, 404, 409, 422, 429),
        ),
    )
    def post(self, request: Request, fse_number: str) -> Response:
        entry = read(PresenceInput, request.data)
        pharmacy = request.auth.acting_for(entry.get("provider"), pointer="/provider")

        def prove(at: datetime) -> Answer:
            insured = _insured_of(fse_number)
            asked = {"insured": insured, "inpe": pharmacy.inpe, "by": request.user, "at": at}
            left = _proved(entry["level"], entry["evidence"], asked)
            return 200, {**_shown(insured, pharmacy.inpe, at), "attempts_left": left}

        return self.once(request, prove)


class PresenceAddress(ReadPresence, ProvePresence):
    """One address, two actions behind the same door."""


def _proved(level: str, evidence: str, asked: Json) -> int | None:
    """Ask the service of a level; return the tries left of a typed code, None for the others."""
    if level == ProofLevel.ONE_TIME_CODE:
        return services.check_code(number=evidence, **asked).attempts_left
    proving = {
        ProofLevel.CARD: lambda: services.show_card(card=evidence, **asked),
        ProofLevel.PORTAL_QR: lambda: services.check_portal_code(text=evidence, **asked),
        ProofLevel.ATTESTATION: lambda: services.attest_presence(reason=evidence, **asked),
    }
    proving[ProofLevel(level)]()
    return None


def _insured_of(typed: str) -> Insured:
    number = normalise_number(typed)
    known = selectors.prescription_by_number(number) if is_fse_number(number) else None
    if known is None:
        raise PrescriptionNotFound
    return known.insured


def _shown(insured: Insured, inpe: str, at: datetime) -> Json:
    day = timezone.localdate(at)
    levels = [*ProofLevel.values, NO_PROOF]
    shares = {str(level): guarantee_of(str(level), day) for level in levels}
    proof: PresenceProof | None = presence_of(insured.pk, inpe=inpe, at=at)
    return presence_output(proof, shares)
