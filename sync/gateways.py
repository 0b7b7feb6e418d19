"""JOSE at the door of the offline work: sealed contents opened, anchors and receipts issued and read."""

import json
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from core import seal, signatures
from core.errors import DomainError

Json = dict[str, Any]
SEALED_WITH = ["ECDH-ES+A256KW", "A256GCM"]
SIGNED_WITH = ["ES256"]


class SealingKeyMissing(DomainError):
    """The installation has no key for what devices seal, or one that is none."""

    code = "SEALING_KEY_MISSING"
    status = 500
    message = _(
        "Cette installation n’a pas de clé de scellement valable (SEALING_KEYS). Lancez « make setup », "
        "qui la tire au sort ; rien n’a été émis."
    )


class SealedForAnother(Exception):
    """The content was sealed for a key this server does not hold."""


class NotOpened(Exception):
    """The token is damaged, altered, or not what it says."""


def sealing_jwk() -> Json:
    """Return the public key that devices seal for, with its `kid`. Raises SealingKeyMissing."""
    jwk = signatures.jwk_of(_private_keys()[0].public_key())
    return {**jwk, "kid": signatures.thumbprint(jwk), "use": "enc", "alg": "ECDH-ES+A256KW"}


def opened(token: str) -> bytes:
    """Return the plain text of a JWE. Raises SealedForAnother, NotOpened, SealingKeyMissing."""
    keys = {signatures.thumbprint(signatures.jwk_of(k.public_key())): k for k in _private_keys()}
    try:
        kid = json.loads(signatures.decoded(token.split(".", 1)[0])).get("kid")
        if not isinstance(kid, str):
            raise NotOpened
        if kid not in keys:
            raise SealedForAnother(str(kid))
        key = ECKey.import_key(keys[kid])
        return bytes(jwe.decrypt_compact(token, key, algorithms=SEALED_WITH).plaintext or b"")
    except (JoseError, ValueError, AttributeError, TypeError) as error:
        raise NotOpened from error


def _private_keys() -> list[Any]:
    try:
        keys = [seal.private_key_of(text) for text in settings.SEALING_KEYS]
    except ValueError as error:
        raise SealingKeyMissing from error
    if not keys:
        raise SealingKeyMissing
    return keys


def issued(content: Json) -> str:
    """Return a compact JWS of this content by the server's seal. Raises SealMissing."""
    key = seal.private_key()
    kid = signatures.thumbprint(signatures.jwk_of(key.public_key()))
    header = {"alg": "ES256", "kid": kid}
    return jws.serialize_compact(
        header, signatures.canonical(content), ECKey.import_key(key), SIGNED_WITH
    )


def read_issued(token: str) -> Json:
    """Return what a JWS of our seal says. Raises NotOpened, SealMissing."""
    key = ECKey.import_key(seal.private_key().public_key())
    try:
        said = json.loads(jws.deserialize_compact(token, key, SIGNED_WITH).payload)
    except (JoseError, ValueError) as error:
        raise NotOpened from error
    if not isinstance(said, dict):
        raise NotOpened
    return said


def seal_jwk() -> Json:
    """Return the public key of the server's seal, with its `kid`. Raises SealMissing."""
    jwk = signatures.jwk_of(seal.private_key().public_key())
    return {**jwk, "kid": signatures.thumbprint(jwk)}
