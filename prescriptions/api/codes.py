"""The signed code: scanned and judged; and the keys that let anyone check it with no network."""

from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.api import examples, queries
from core.api.actions import Action
from core.api.fields import DayField, TextField
from core.api.outputs import CodedOutput, answers
from core.api.serializers import Input, Output, read
from core.seal import seal
from prescriptions import services
from prescriptions.presenters.codes import judged_output, prescriber_keys_output
from prescriptions.services import PRESCRIBING_KINDS
from providers.api.permissions import GivesCare, ReadsPrescriptions
from providers.selectors import devices_of_kinds

SINCE = queries.query_parameter(
    "since", _("Seulement les clés inscrites ou révoquées depuis ce jour.")
)
EXAMPLE_CODE = "WRQ1:RRQT 9GO0+$FBJHUJI-Y9…"
JUDGED = {
    "fse_number": examples.NUMBER,
    "secret": "7KQ2ZD",
    "written_on": "2026-11-22",
    "verdict": {"code": "GENUINE", "label": {"fr": "authentique", "ar": "أصلية"}},
}
KEYS = {
    "type": "waraqa/prescriber-keys",
    "version": 1,
    "issued_at": "2026-11-22T10:15:00+00:00",
    "since": None,
    "keys": [
        {
            "kid": examples.KID,
            "jwk": {"kty": "EC", "crv": "P-256", "x": "…", "y": "…"},
            "provider": examples.DOCTOR["inpe"],
            "from": "2026-01-12",
            "until": None,
        }
    ],
    "signature": {"alg": "ES256", "kid": "…", "jwk": {}, "value": "…"},
}


class ScanInput(Input):
    """A scanned code, judged here: `code` may be longer than any QR holds, and is then refused whole."""

    code = TextField(max_length=20_000)


class JudgedCodeOutput(Output):
    """What a code is worth, and what opens its prescription."""

    fse_number = serializers.CharField()
    secret = serializers.CharField(allow_null=True)
    written_on = serializers.DateField()
    verdict = CodedOutput()


class PrescriberKeysQuery(Input):
    since = DayField(required=False)


class PrescriberKeyOutput(Output):
    """A key and the days it may sign: from its enrolment, until its revocation (that day excluded)."""

    kid = serializers.CharField()
    jwk = serializers.DictField()
    provider = serializers.CharField()
    until = serializers.DateField(allow_null=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), "from": serializers.DateField()}


class PrescriberKeysOutput(Output):
    """The keys, sealed: the signature is ES256 over the canonical JSON of the rest."""

    type = serializers.CharField()
    version = serializers.IntegerField()
    issued_at = serializers.DateTimeField()
    since = serializers.DateField(allow_null=True)
    keys = PrescriberKeyOutput(many=True)
    signature = serializers.DictField()


class ScanCode(Action):
    permission_classes = [ReadsPrescriptions]
    throttle_scope = "prescription-lookups"

    @extend_schema(
        operation_id="scan_code",
        summary=_("Juger le code scanné d’une ordonnance ; rien n’est enregistré"),
        request=ScanInput,
        examples=[OpenApiExample("code", value={"code": EXAMPLE_CODE}, request_only=True)],
        responses=answers(JUDGED, JudgedCodeOutput, refusals=(400, 422, 429)),
    )
    def post(self, request: Request) -> Response:
        entry = read(ScanInput, request.data)
        return Response(judged_output(services.judge_code(entry["code"])))


class PrescriberKeys(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="prescriber_keys",
        summary=_("Les clés des prescripteurs et leurs jours, scellées, pour vérifier sans réseau"),
        parameters=[SINCE],
        responses=answers(KEYS, PrescriberKeysOutput, refusals=(422,)),
    )
    def get(self, request: Request) -> Response:
        day = queries.read_query(PrescriberKeysQuery, request).get("since")
        since = timezone.make_aware(datetime.combine(day, time.min)) if day else None
        devices = devices_of_kinds(PRESCRIBING_KINDS, since=since)
        return Response(seal(prescriber_keys_output(devices, since=day, at=clock.now())))
