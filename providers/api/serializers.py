"""Shapes of the session and of signing devices."""

from rest_framework import serializers

from core.api.fields import ConstantField, PatternField, TextField
from core.api.outputs import BilingualOutput, CodedOutput
from core.api.serializers import Input, Output
from providers.api.fields import InpeField

COORDINATE = r"[A-Za-z0-9_-]{43}"


class PublicKeyInput(Input):
    """The public half of a P-256 key, as a JWK without anything else."""

    kty = ConstantField("EC")
    crv = ConstantField("P-256")
    x = PatternField(COORDINATE, code="KEY_FORMAT")
    y = PatternField(COORDINATE, code="KEY_FORMAT")


class EnrolmentInput(Input):
    """A browser or a software that is to sign for a provider."""

    provider = InpeField()
    label = TextField(max_length=80)
    public_jwk = PublicKeyInput()


class RevocationInput(Input):
    """Nothing to say: the address names the device."""


class DeviceOutput(Output):
    """A signing device; `prefix` begins the FSE numbers it mints."""

    kid = serializers.CharField()
    prefix = serializers.CharField()
    label = serializers.CharField()
    provider = serializers.CharField()
    state = serializers.CharField()
    enrolled_at = serializers.DateTimeField()


class SessionUserOutput(Output):
    """Who calls."""

    id = serializers.UUIDField()
    full_name = serializers.CharField()
    role = serializers.CharField()
    role_label = BilingualOutput()
    language = serializers.CharField()


class ActingProviderOutput(Output):
    """A provider one may act for today: `SIGNATORY` signs, `DELEGATE` prepares."""

    inpe = serializers.CharField()
    name = serializers.CharField()
    name_ar = serializers.CharField()
    kind = CodedOutput()
    speciality = serializers.CharField()
    sector = serializers.CharField()
    standing = serializers.CharField()


class SessionOutput(Output):
    """Who calls, for whom, with which devices; `now` is the server's instant in Morocco's time."""

    user = SessionUserOutput()
    providers = ActingProviderOutput(many=True)
    devices = DeviceOutput(many=True)
    now = serializers.DateTimeField()
