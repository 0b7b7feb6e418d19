"""Canonical documents and their ES256 signatures: what is signed is what is stored."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

_COORDINATE_BYTES = 32


def canonical(document: Any) -> bytes:
    """Return the RFC 8785 bytes of a JSON document. Raises rfc8785.CanonicalizationError."""
    return rfc8785.dumps(document)


def document_hash(document: Any) -> str:
    """Return the SHA-256 of the canonical bytes, in hexadecimal."""
    return sha256(canonical(document)).hexdigest()


def public_key(jwk: dict[str, str]) -> ec.EllipticCurvePublicKey:
    """Return the P-256 public key of a JWK. Raises ValueError when it is not a point of the curve."""
    if jwk.get("kty") != "EC" or jwk.get("crv") != "P-256":
        raise ValueError("not a P-256 key")
    x, y = (decoded(jwk[name]) for name in ("x", "y"))
    if len(x) != _COORDINATE_BYTES or len(y) != _COORDINATE_BYTES:
        raise ValueError("coordinates must have 32 bytes")
    return ec.EllipticCurvePublicNumbers(
        int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1()
    ).public_key()


def jwk_of(key: ec.EllipticCurvePublicKey) -> dict[str, str]:
    """Return the public JWK of a P-256 key."""
    numbers = key.public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": encoded(numbers.x.to_bytes(_COORDINATE_BYTES, "big")),
        "y": encoded(numbers.y.to_bytes(_COORDINATE_BYTES, "big")),
    }


def thumbprint(jwk: dict[str, str]) -> str:
    """Return the RFC 7638 thumbprint of a P-256 JWK: the key's public identifier (`kid`)."""
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return encoded(sha256(rfc8785.dumps(required)).digest())


def sign(document: Any, key: ec.EllipticCurvePrivateKey) -> str:
    """Return the ES256 signature (RFC 7518: r and s, base64url) of a canonical document.

    The same document and key give the same signature (RFC 6979).
    """
    return _es256(canonical(document), key)


def _es256(content: bytes, key: ec.EllipticCurvePrivateKey) -> str:
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(key.sign(content, algorithm))
    return encoded(r.to_bytes(_COORDINATE_BYTES, "big") + s.to_bytes(_COORDINATE_BYTES, "big"))


def is_signed(document: Any, signature: str, jwk: dict[str, str]) -> bool:
    """Tell whether `signature` is the key's ES256 signature of the canonical document."""
    return _is_es256(canonical(document), signature, jwk)


def _is_es256(content: bytes, signature: str, jwk: dict[str, str]) -> bool:
    try:
        raw = decoded(signature)
    except ValueError:
        return False
    if len(raw) != 2 * _COORDINATE_BYTES:
        return False
    r, s = (int.from_bytes(raw[i : i + _COORDINATE_BYTES], "big") for i in (0, _COORDINATE_BYTES))
    try:
        public_key(jwk).verify(encode_dss_signature(r, s), content, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def sign_detached(content: bytes, key: ec.EllipticCurvePrivateKey) -> str:
    """Return a JWS of `content` that does not carry it: `header..signature` (RFC 7515, appendix F)."""
    kid = thumbprint(jwk_of(key.public_key()))
    header = encoded(canonical({"alg": "ES256", "kid": kid}))
    return f"{header}..{_es256(_signing_input(header, content), key)}"


def is_signed_detached(content: bytes, jws: str, jwk: dict[str, str]) -> bool:
    """Tell whether a detached JWS is this key's ES256 signature of these very bytes.

    Whatever its header asks beyond ES256 and the key's own name is refused.
    """
    try:
        header, nothing, signature = jws.strip().split(".")
        said = json.loads(decoded(header))
    except ValueError:
        return False
    if nothing or said not in ({"alg": "ES256"}, {"alg": "ES256", "kid": thumbprint(jwk)}):
        return False
    return _is_es256(_signing_input(header, content), signature, jwk)


def _signing_input(header: str, content: bytes) -> bytes:
    return f"{header}.{encoded(content)}".encode()


def decoded(text: str) -> bytes:
    """Return the bytes of a base64url text without padding. Raises ValueError."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encoded(raw: bytes) -> str:
    """Return bytes in base64url, without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A document as received, and the ES256 signature that came with it."""

    document: dict[str, Any]
    signature: str
