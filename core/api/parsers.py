"""A JSON body that means one thing only: what was signed can be written again byte for byte."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from unicodedata import bidirectional, category

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser

from core.api.entries import EntryError, EntryErrors, escaped
from core.errors import DomainError

MAX_DEPTH = 10
# I-JSON (RFC 7493): beyond this, programs no longer agree on the number.
MAX_INTEGER = 2**53 - 1
# Embeddings and overrides. Isolates stay, our own Arabic words hold some; so do the marks, which only hint.
_TURN_ROUND = {"LRE", "RLE", "LRO", "RLO", "PDF"}
_MAX_INTEGER_DIGITS = len(str(MAX_INTEGER)) + 1
_UTF8 = frozenset({"", "utf-8", "utf8"})


class BodyTooLarge(DomainError):
    code = "BODY_TOO_LARGE"
    status = 413
    message = _("Cet envoi est trop volumineux : %(limit)s octets au plus.")


class BodyNotUtf8(DomainError):
    code = "BODY_NOT_UTF8"
    status = 400
    message = _("Cet envoi n’est pas en UTF-8. Envoyez le même document encodé en UTF-8.")


class BodyNotJson(DomainError):
    code = "BODY_NOT_JSON"
    status = 400
    message = _("Cet envoi n’est pas un document JSON : il est coupé ou mal écrit.")


class BodyTooDeep(DomainError):
    code = "BODY_TOO_DEEP"
    status = 400
    message = _("Ce document JSON a trop de niveaux imbriqués.")


class KeyTwice(DomainError):
    code = "KEY_TWICE"
    status = 400
    message = _("Un objet de ce document porte deux fois la même clé.")


class NumberRefused(DomainError):
    code = "NUMBER_REFUSED"
    status = 400
    message = _(
        "Les nombres de ce document doivent être entiers ; les montants s’écrivent entre guillemets, "
        'comme "45.20".'
    )


class StrictJSONParser(BaseParser):
    """UTF-8 JSON without duplicate keys, floats, NaN, huge numbers, control characters or abysses."""

    media_type = "application/json"
    renderer_class: ClassVar[Any] = None

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the parsed body. Raises one of the errors above, or EntryErrors."""
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise BodyTooLarge(limit=limit)
        return parsed(raw, charset=_charset(media_type))


def parsed(raw: bytes, *, charset: str = "") -> Any:
    """Parse the bytes of a request body. Raises one of the errors above, or EntryErrors."""
    content = loaded(raw, charset=charset)
    if errors := unreadable_texts(content):
        raise EntryErrors(errors)
    return content


def loaded(raw: bytes, *, charset: str = "") -> Any:
    """As `parsed`, its texts not yet looked at: the caller does."""
    if charset.lower() not in _UTF8:
        raise BodyNotUtf8
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BodyNotUtf8 from None
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
            parse_int=_integer,
        )
    except RecursionError:
        raise BodyTooDeep from None
    except json.JSONDecodeError:
        raise BodyNotJson from None


def _charset(media_type: str | None) -> str:
    for part in (media_type or "").split(";")[1:]:
        name, _equals, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"')
    return ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise KeyTwice
    return content


def _refuse_number(_text: str) -> Any:
    raise NumberRefused


def _integer(text: str) -> int:
    if len(text) > _MAX_INTEGER_DIGITS or abs(number := int(text)) > MAX_INTEGER:
        raise NumberRefused
    return number


def unreadable_texts(value: Any, pointer: str = "", levels: int = MAX_DEPTH) -> list[EntryError]:
    """Where control characters and halves of characters stand: no database and no screen takes them.

    Nor those that turn the letters after them round: a dose would not read as it was signed.

    Raises BodyTooDeep.
    """
    if isinstance(value, str):
        return [] if _is_readable(value) else [EntryError(pointer, "CONTROL_CHARACTER")]
    if not isinstance(value, dict | list):
        return []
    if levels == 0:
        raise BodyTooDeep
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    errors = []
    for key, each in pairs:
        if isinstance(key, str) and not _is_readable(key):
            errors.append(EntryError(pointer, "CONTROL_CHARACTER"))
        else:
            errors += unreadable_texts(each, f"{pointer}/{escaped(key)}", levels - 1)
    return errors


def _is_readable(text: str) -> bool:
    return text.isprintable() or not any(map(_is_unreadable, text))


def _is_unreadable(character: str) -> bool:
    kind = category(character)
    if kind == "Cf":
        return bidirectional(character) in _TURN_ROUND
    return kind in {"Cc", "Cs"} and character != "\n"
