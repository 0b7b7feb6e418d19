"""The envelope of every signed document: `{"document": {…}, "signature": "…"}`."""

from typing import Any

from core.api.fields import ConstantField, FseNumberField, IdentifierField, PatternField
from core.api.serializers import Input
from core.signatures import SignedDocument
from providers.api.fields import InpeField

KID_PATTERN = r"[A-Za-z0-9_-]{43}"
SIGNATURE_PATTERN = r"[A-Za-z0-9_-]{86}"
VERSION = 1


class SignatureField(PatternField):
    """An ES256 signature: r and s, 64 bytes in base64url."""

    def __init__(self, **options: Any) -> None:
        super().__init__(SIGNATURE_PATTERN, code="SIGNATURE_FORMAT", **options)


class DeviceField(PatternField):
    """The thumbprint (RFC 7638) of the signing key."""

    def __init__(self, **options: Any) -> None:
        super().__init__(KID_PATTERN, code="KEY_FORMAT", **options)


class DocumentInput(Input):
    """What every signed document begins with."""

    version = ConstantField(VERSION)
    fse_number = FseNumberField()
    device = DeviceField()
    provider = InpeField()
    patient = IdentifierField()


def signed_document(body: dict[str, Any]) -> SignedDocument:
    """Return the document exactly as received, with its signature."""
    return SignedDocument(document=body["document"], signature=body["signature"])
