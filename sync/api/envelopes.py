"""The door of offline devices: the server's word to them, what they send, what became of it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api import examples
from core.api.actions import Action
from core.api.entries import EntryError, EntryErrors
from core.api.fields import IdentifierField
from core.api.outputs import BilingualOutput, MoneyOutput, ProblemErrorOutput, answers
from core.api.serializers import Input, Output, read
from core.errors import DomainError
from providers.api.documents import DeviceField
from providers.api.permissions import GivesCare, Signs
from sync import services
from sync.intake import LARGEST
from sync.presenters import anchored_output, reply_output

MOST_ENVELOPES = 50
_ID = "01936f6a-7e50-7c3b-9a52-2f8d0a1b4c5d"
_JWS = "eyJhbGciOiJFUzI1NiJ9.eyJpZCI6IuKApiJ9.c2lnbmF0dXJl"
ENVELOPE = {
    "document": {
        "type": "waraqa/envelope",
        "version": 1,
        "id": _ID,
        "device": examples.KID,
        "sequence": 1,
        "previous": examples.KID,
        "kind": "care_claim",
        "wall": "2026-11-23T09:15:02.123Z",
        "elapsed_ms": 5_403_201,
        "anchor": _JWS,
        "pack": None,
        "offline_since": "2026-11-23T07:45:00.000Z",
        "outage": None,
        "sealed": "eyJhbGciOiJFQ0RILUVTK0EyNTZLVyJ9.a2V5.aXY.Y2lwaGVy.dGFn",
    },
    "signature": "A" * 86,
}
ANSWER = {
    "id": _ID,
    "outcome": "APPLIED",
    "code": "APPLIED",
    "message": {"fr": "Reçu et appliqué.", "ar": "تم الاستلام والتطبيق."},
    "repair": "NONE",
    "errors": [],
    "receipt": _JWS,
    "result": {"id": _ID},
}
_JWK = {"kty": "EC", "crv": "P-256", "x": "…", "y": "…", "kid": examples.KID}
ANCHOR = {
    "anchor": _JWS,
    "at": "2026-11-23T07:45:00+00:00",
    "seal_key": _JWK,
    "sealing_key": {**_JWK, "use": "enc", "alg": "ECDH-ES+A256KW"},
    "limits": {
        "minutes": 4320,
        "sheets": 300,
        "amount": "50000.00",
        "insured_day": "5000.00",
        "box": "3000.00",
        "warning": "0.80",
    },
    "outages": [{"code": "P261123-9F2C01", "since": "2026-11-23T06:00:00+00:00", "until": None}],
    "chain": {"sequence": 0, "hash": examples.KID},
    "pack": {"id": _ID, "made_at": "2026-11-23T03:10:00+00:00", "bytes": 812_004},
    "send_window_seconds": 60,
}


class TooManyEnvelopes(DomainError):
    """More than one sending takes."""

    code = "TOO_MANY_ENVELOPES"
    status = 413
    message = _(
        "Un envoi porte de 1 à %(count)s enveloppes et %(bytes)s octets au plus. Rien n’a été enregistré ; "
        "envoyez-les en plusieurs fois."
    )


class AnchorInput(Input):
    """The key of the device that asks for the server's word."""

    device = DeviceField()


class EnvelopeDocumentInput(Input):
    """What a device signs around a sealed content (docs/offline.md gives every byte)."""

    type = serializers.CharField()
    version = serializers.IntegerField()
    id = serializers.UUIDField()
    device = serializers.CharField()
    sequence = serializers.IntegerField()
    previous = serializers.CharField()
    kind = serializers.CharField()
    wall = serializers.CharField()
    elapsed_ms = serializers.IntegerField(allow_null=True)
    anchor = serializers.CharField(allow_null=True)
    pack = serializers.CharField(allow_null=True)
    offline_since = serializers.CharField(allow_null=True)
    outage = serializers.CharField(allow_null=True)
    sealed = serializers.CharField()


class EnvelopeInput(Input):
    """An envelope and its signature."""

    document = EnvelopeDocumentInput()
    signature = serializers.CharField()


class EnvelopesInput(Input):
    """Envelopes, the oldest first; whoever is signed in may carry another device's."""

    envelopes = EnvelopeInput(many=True)


class EnvelopeIdsInput(Input):
    """Ids of envelopes sent before."""

    ids = serializers.ListField(child=IdentifierField(), max_length=MOST_ENVELOPES)


class LimitsOutput(Output):
    """What the device may do before its next contact; `warning` is the share at which it warns."""

    minutes = serializers.IntegerField()
    sheets = serializers.IntegerField()
    amount = MoneyOutput()
    insured_day = MoneyOutput()
    box = MoneyOutput()
    warning = serializers.CharField()


class OutageOutput(Output):
    """A declared outage of the device's zone."""

    code = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField(allow_null=True)


class ChainOutput(Output):
    """How far the server settled the device's chain."""

    sequence = serializers.IntegerField()
    hash = serializers.CharField()


class LatestPackOutput(Output):
    """The latest reference pack, and its compressed size."""

    id = serializers.UUIDField()
    made_at = serializers.DateTimeField()
    bytes = serializers.IntegerField()


class AnchorOutput(Output):
    """The server's signed time and its keys; `anchor` is carried by every envelope until the next one.

    After an outage a device draws an instant within `send_window_seconds` for its first sending.
    """

    anchor = serializers.CharField()
    at = serializers.DateTimeField()
    seal_key = serializers.DictField()
    sealing_key = serializers.DictField()
    limits = LimitsOutput()
    outages = OutageOutput(many=True)
    chain = ChainOutput()
    pack = LatestPackOutput(allow_null=True)
    send_window_seconds = serializers.IntegerField()


class EnvelopeAnswerOutput(Output):
    """What became of one envelope: `outcome` is RECEIVED, APPLIED, HELD, CONFLICT, QUARANTINED, REFUSED, or
    UNKNOWN for an id nobody sent; `repair` is NONE, WAIT, CORRECT or CONTACT; `receipt` is a JWS."""

    id = serializers.CharField(allow_null=True)
    outcome = serializers.CharField()
    code = serializers.CharField()
    message = BilingualOutput()
    repair = serializers.CharField()
    errors = ProblemErrorOutput(many=True)
    receipt = serializers.CharField(allow_null=True)
    result = serializers.DictField(allow_null=True)


class EnvelopeAnswersOutput(Output):
    """One answer an envelope, in their order."""

    answers = EnvelopeAnswerOutput(many=True)


class AnchorDevice(Action):
    permission_classes = [Signs]

    @extend_schema(
        operation_id="anchor_device",
        summary=_(
            "L’heure du serveur, signée, ses clés et les limites : avant de travailler hors ligne"
        ),
        request=AnchorInput,
        examples=[OpenApiExample("poste", value={"device": examples.KID}, request_only=True)],
        responses=answers(ANCHOR, AnchorOutput, refusals=(400, 404, 422)),
    )
    def post(self, request: Request) -> Response:
        entry = read(AnchorInput, request.data)
        anchored = services.anchor_device(kid=entry["device"], by=request.user, at=clock.now())
        return Response(anchored_output(anchored))


class SendEnvelopes(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="send_envelopes",
        summary=_("Envoyer ce qui a été signé hors ligne ; renvoyer ne change rien"),
        request=EnvelopesInput,
        examples=[OpenApiExample("envoi", value={"envelopes": [ENVELOPE]}, request_only=True)],
        responses=answers({"answers": [ANSWER]}, EnvelopeAnswersOutput, refusals=(400, 413, 422)),
    )
    def post(self, request: Request) -> Response:
        envelopes = _envelopes(request)
        at = clock.now()
        replies = services.receive_envelopes(envelopes=envelopes, by=request.user, at=at)
        reused = any(isinstance(each.refusal, services.EnvelopeIdReused) for each in replies)
        return Response(
            {"answers": [reply_output(each, viewer=request.user, at=at) for each in replies]},
            422 if reused else 200,
        )


class FetchOutcomes(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="fetch_outcomes",
        summary=_("Redemander ce que sont devenues des enveloppes"),
        request=EnvelopeIdsInput,
        examples=[OpenApiExample("envois", value={"ids": [_ID]}, request_only=True)],
        responses=answers({"answers": [ANSWER]}, EnvelopeAnswersOutput, refusals=(400, 422)),
    )
    def post(self, request: Request) -> Response:
        entry = read(EnvelopeIdsInput, request.data)
        at = clock.now()
        replies = services.fetch_outcomes(ids=entry["ids"], by=request.user, at=at)
        return Response(
            {"answers": [reply_output(each, viewer=request.user, at=at) for each in replies]}
        )


def _envelopes(request: Request) -> list[Any]:
    """The envelopes of a body, unread: one that is wrong must not stop the others."""
    body = request.data
    if not isinstance(body, dict) or set(body) != {"envelopes"}:
        raise EntryErrors([EntryError("", "NOT_AN_OBJECT")])
    envelopes = body["envelopes"]
    if not isinstance(envelopes, list):
        raise EntryErrors([EntryError("/envelopes", "NOT_A_LIST")])
    length = int(request.headers.get("Content-Length") or 0)
    if not 0 < len(envelopes) <= MOST_ENVELOPES or length > LARGEST:
        raise TooManyEnvelopes(count=MOST_ENVELOPES, bytes=LARGEST)
    return envelopes
