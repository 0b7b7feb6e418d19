"""The server's own seal: what this installation issues carries its ES256 signature."""

from base64 import urlsafe_b64decode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import signatures
from core.errors import DomainError


class SealMissing(DomainError):
    """The installation has no seal key, or one that is none."""

    code = "SEAL_MISSING"
    status = 500
    message = _(
        "Cette installation n’a pas de clé de sceau valable (SEAL_KEY). Lancez « make setup », qui la "
        "tire au sort ; rien n’a été émis."
    )


def seal(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with its `signature` by the server's key. Raises SealMissing."""
    key = private_key()
    jwk = signatures.jwk_of(key.public_key())
    signature = {
        "alg": "ES256",
        "kid": signatures.thumbprint(jwk),
        "jwk": jwk,
        "value": signatures.sign(document, key),
    }
    return {**document, "signature": signature}


def private_key() -> ec.EllipticCurvePrivateKey:
    """Return the key whose private number SEAL_KEY gives, base64url. Raises SealMissing."""
    try:
        return private_key_of(settings.SEAL_KEY)
    except ValueError as error:
        raise SealMissing from error


def private_key_of(text: str) -> ec.EllipticCurvePrivateKey:
    """Return the P-256 key whose private number `text` gives, base64url. Raises ValueError."""
    number = int.from_bytes(urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
    return ec.derive_private_key(number, ec.SECP256R1())
