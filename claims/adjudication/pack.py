"""A pack: the law and the published lists as one signed JSON document, for judging elsewhere.

Standard library only. The format is in docs/law-desk.md; the server writes it
(``manage.py export_pack``), ``python -m claims.adjudication PACK CASES`` reads it.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from claims.adjudication.es256 import is_signed
from claims.adjudication.law import Law
from claims.adjudication.parameters import LawError

SCHEMA = "waraqa.pack"
VERSION = 1
LISTS = ("acts", "illnesses", "medicines", "providers")
_MEMBERS = {"schema", "version", "created_at", "valid_from", "digests", "law", "lists", "signature"}

Json = dict[str, Any]


class PackError(ValueError):
    """A pack that must not be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was checked: its law, its lists by name, its days, and the key that sealed it."""

    law: Law
    lists: Mapping[str, list[Json]]
    created_at: str
    valid_from: str
    kid: str


def canonical(document: Any) -> bytes:
    """The RFC 8785 bytes of a document of texts, whole numbers, flags, lists and ASCII keys."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def digest_of(document: Any) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal."""
    return sha256(canonical(document)).hexdigest()


def unsigned_pack(
    *, law: Law, lists: Mapping[str, list[Json]], created_at: str, valid_from: str
) -> Json:
    """The document that is to be signed. Days are YYYY-MM-DD."""
    return {
        "schema": SCHEMA,
        "version": VERSION,
        "created_at": created_at,
        "valid_from": valid_from,
        "digests": {"law": law.digest, **{name: digest_of(each) for name, each in lists.items()}},
        "law": law.to_dict(),
        "lists": dict(lists),
    }


def read_pack(content: bytes, *, kid: str | None = None) -> Pack:
    """A pack, once its signature, its digests and its law were found right.

    ``kid`` is the thumbprint of the only key to trust; without it, the pack proves no more than that
    nobody changed it since it was sealed by the key it carries. Raises PackError.
    """
    document = _document(content)
    signer = _check_signature(document, kid)
    law, lists = _law(document["law"]), document["lists"]
    if not isinstance(lists, dict) or not set(lists) <= set(LISTS):
        raise PackError("the pack has lists of another format")
    found = {"law": law.digest, **{name: digest_of(each) for name, each in lists.items()}}
    for name in sorted(set(found) | set(document["digests"])):
        if document["digests"].get(name) != found.get(name):
            raise PackError(f"the digest of {name!r} is not that of its content")
    return Pack(law, lists, document["created_at"], document["valid_from"], signer)


def _document(content: bytes) -> Json:
    try:
        document = json.loads(content, parse_float=_no_float, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise PackError(f"the pack is not JSON: {error}") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise PackError(f"this is no pack: its schema is not {SCHEMA!r}")
    if document.get("version") != VERSION:
        raise PackError(f"version {document.get('version')!r} of the pack; {VERSION} is read here")
    if set(document) != _MEMBERS or not isinstance(document["digests"], dict):
        raise PackError(f"the pack must have {', '.join(sorted(_MEMBERS))}")
    return document


def _check_signature(document: Json, kid: str | None) -> str:
    signature = document["signature"]
    members = {"alg", "kid", "jwk", "value"}
    if not isinstance(signature, dict) or set(signature) != members or signature["alg"] != "ES256":
        raise PackError("the pack is not signed with ES256")
    jwk, value = signature["jwk"], signature["value"]
    if not isinstance(jwk, dict) or not isinstance(value, str):
        raise PackError("the pack is not signed with ES256")
    signed = canonical({name: each for name, each in document.items() if name != "signature"})
    if not is_signed(signed, value, jwk):
        raise PackError("the signature is not that of the content")
    signer = thumbprint(jwk)
    if signature["kid"] != signer:
        raise PackError("the pack names another key than the one it carries")
    if kid is not None and kid != signer:
        raise PackError(f"the pack is sealed by the key {signer}, not by {kid}")
    return signer


def thumbprint(jwk: Mapping[str, str]) -> str:
    """The RFC 7638 thumbprint of a P-256 JWK."""
    required = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return urlsafe_b64encode(sha256(canonical(required)).digest()).rstrip(b"=").decode()


def _law(content: Any) -> Law:
    try:
        return Law.from_dict(content)
    except LawError as error:
        raise PackError(f"the law of the pack cannot be used: {error}") from error


def _no_float(text: str) -> Any:
    raise PackError(f"the pack has a number that is not whole: {text[:40]}")


def _once(pairs: list[tuple[str, Any]]) -> Json:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise PackError("a key is given twice in an object of the pack")
    return content
