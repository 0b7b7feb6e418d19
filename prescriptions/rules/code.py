"""The signed code of a prescription: what its paper says, in CBOR, signed ES256, as letters a QR holds.

Written and read here and in static/js/code.js; docs/prescriptions.md gives the bytes one by one, and
tests/prescriptions/code_vectors.json what both must give. Standard library, cbor2, cwt, base45.
"""

import re
import zlib
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import Any

import cbor2
from base45 import b45decode, b45encode
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cwt import COSE, COSEKey
from cwt.cose_key_interface import COSEKeyInterface
from cwt.exceptions import CWTError

from core.signatures import jwk_of
from prescriptions.rules.code_content import Json, PrintedPatient, claims_of, content_of

PREFIX = "WRQ1:"
# What a QR code of version 40, correction M, holds in letters: what is longer was never printed.
LONGEST = 3391
# What a packed code may become: no honest one reaches it, and a bomb stops here.
LARGEST = 8192
KID_BYTES = 8
SIGNATURE_BYTES = 64
COORDINATE_BYTES = 32

_SIGN1_TAG = 18
_ES256 = -7
_ALGORITHM, _KID = 1, 4
# Names of a COSE key (RFC 9052, 7; RFC 9053, 7.1).
_KEY_TYPE, _KEY_ID, _KEY_ALGORITHM, _KEY_USES, _CURVE, _X, _Y, _D = 1, 2, 3, 4, -1, -2, -3, -4
_EC2, _P256, _SIGN, _VERIFY = 2, 1, 1, 2
_LETTERS = re.compile(r"[0-9A-Z $%*+\-./:]+")
_ZLIB = 0x78


class CodeUnreadable(ValueError):
    """The text is no code of ours; `reason` says where reading stopped.

    TOO_LONG, PREFIX, LETTERS (no Base45), PACKED (zlib), SHAPE (CBOR, COSE, claims) or ALGORITHM.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignedCode:
    """A code that reads well; whether its signature is good is `is_signed_by`'s answer.

    `content` has the keys of the document `waraqa/prescription` version 2, without those a paper does not
    show (`type`, `version`, `device`, `alerts`).
    """

    kid: bytes
    payload: bytes
    content: Json
    patient: PrintedPatient
    cose: bytes


def kid_of(device: str) -> bytes:
    """Return what a code says of its key: the first eight bytes of the thumbprint, here in base64url."""
    return _bytes(device)[:KID_BYTES]


def payload(document: Json, patient: PrintedPatient) -> bytes:
    """Return the deterministic CBOR (RFC 8949, 4.2) that a code of this signed document holds."""
    return _cbor(claims_of(document, patient))


def sign(content: bytes, *, device: str, key: EllipticCurvePrivateKey) -> str:
    """Return the code of a payload: what the prescriber's device does, for software houses and tests."""
    number = key.private_numbers().private_value.to_bytes(COORDINATE_BYTES, "big")
    signer = _cose_key(jwk_of(key.public_key()), kid_of(device), _SIGN, {_D: number})
    headers = {_ALGORITHM: _ES256, _KID: kid_of(device)}
    return _written(COSE.new().encode_and_sign(content, signer, protected=headers))


def _written(cose: Any) -> str:
    """Return the letters of a COSE_Sign1 message, packed only when that is shorter."""
    packed = zlib.compress(cose, 9)
    letters: bytes = b45encode(min(cose, packed, key=len))
    return PREFIX + letters.decode()


def read(text: str) -> SignedCode:
    """Return what a scanned or pasted code says. Raises CodeUnreadable; nothing is trusted yet."""
    cose = _message(text.strip())
    parts = _decoded(cose)
    if not (isinstance(parts, cbor2.CBORTag) and parts.tag == _SIGN1_TAG):
        raise CodeUnreadable("SHAPE")
    if not (isinstance(parts.value, list) and len(parts.value) == 4):
        raise CodeUnreadable("SHAPE")
    protected, unprotected, content, signature = parts.value
    if unprotected != {} or not all(
        isinstance(each, bytes) for each in (protected, content, signature)
    ):
        raise CodeUnreadable("SHAPE")
    kid = _kid(_decoded(protected))
    if len(signature) != SIGNATURE_BYTES:
        raise CodeUnreadable("SHAPE")
    said, patient = _said(content)
    return SignedCode(kid, content, said, patient, cose)


def is_signed_by(code: SignedCode, jwk: dict[str, str]) -> bool:
    """Tell whether this public key signed the code. ES256 only, whatever the code or the key ask."""
    try:
        key = _cose_key(jwk, code.kid, _VERIFY, {})
        return bool(COSE.new().decode(code.cose, key) == code.payload)
    except (CWTError, ValueError):
        return False


# Writing


def _cose_key(
    jwk: dict[str, str], kid: bytes, use: int, more: dict[int, bytes]
) -> COSEKeyInterface:
    public = {
        _KEY_TYPE: _EC2,
        _KEY_ID: kid,
        _KEY_ALGORITHM: _ES256,
        _KEY_USES: [use],
        _CURVE: _P256,
        _X: _bytes(jwk["x"]),
        _Y: _bytes(jwk["y"]),
    }
    return COSEKey.new({**public, **more})


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _cbor(value: Any) -> bytes:
    return bytes(cbor2.dumps(value, canonical=True))


# Reading


def _message(text: str) -> bytes:
    """The COSE message that the letters hold."""
    if len(text) > LONGEST:
        raise CodeUnreadable("TOO_LONG")
    if not text.startswith(PREFIX):
        raise CodeUnreadable("PREFIX")
    letters = text[len(PREFIX) :]
    if not _LETTERS.fullmatch(letters):
        raise CodeUnreadable("LETTERS")
    try:
        raw = bytes(b45decode(letters))
    except ValueError:
        raise CodeUnreadable("LETTERS") from None
    return _unpacked(raw) if raw[:1] == bytes([_ZLIB]) else raw


def _unpacked(raw: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        cose = stream.decompress(raw, LARGEST)
    except zlib.error:
        raise CodeUnreadable("PACKED") from None
    if not stream.eof or stream.unused_data:
        raise CodeUnreadable("PACKED")
    return cose


def _decoded(raw: bytes) -> Any:
    """The value of deterministic CBOR: one value has one writing, so that nobody reads another."""
    try:
        value = cbor2.loads(raw)
        again = _cbor(value)
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError):
        raise CodeUnreadable("SHAPE") from None
    if again != raw:
        raise CodeUnreadable("SHAPE")
    return value


def _kid(protected: Any) -> bytes:
    if not isinstance(protected, dict):
        raise CodeUnreadable("SHAPE")
    if protected.get(_ALGORITHM) != _ES256:
        raise CodeUnreadable("ALGORITHM")
    kid = protected.get(_KID)
    if set(protected) != {_ALGORITHM, _KID} or not isinstance(kid, bytes) or len(kid) != KID_BYTES:
        raise CodeUnreadable("SHAPE")
    return kid


def _said(content: bytes) -> tuple[Json, PrintedPatient]:
    """What a payload says. Written again it must give the same bytes: nothing is read loosely."""
    claims = _decoded(content)
    try:
        said, patient = content_of(claims)
        same = payload(said, patient) == content
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        raise CodeUnreadable("SHAPE") from None
    if not same:
        raise CodeUnreadable("SHAPE")
    return said, patient
