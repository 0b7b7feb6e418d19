"""Fields that take a value as it is or refuse it: nothing is trimmed, guessed or converted in silence."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.entries import FieldError
from core.money import format_dirhams, parse_dirhams
from core.numbers import NUMBER_LENGTH, is_fse_number

# Far above any sheet ever seen, far below what a database column or a sum could not hold.
MAX_CENTIMES = 1_000_000_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class TextField(serializers.Field):
    """A text as typed, spaces and letters of every script included."""

    def __init__(self, *, max_length: int, allow_blank: bool = False, **options: Any) -> None:
        self.max_length = max_length
        self.allow_blank = allow_blank
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        text = text_of(data)
        if not self.allow_blank and not text.strip():
            raise FieldError("BLANK")
        if len(text) > self.max_length:
            raise FieldError("TOO_LONG", limit=self.max_length)
        return text


class PatternField(serializers.Field):
    """A text that matches a whole pattern, or the error `code`."""

    pattern: str
    code: str

    def __init__(self, pattern: str, *, code: str, **options: Any) -> None:
        self.pattern = pattern
        self.code = code
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        text = text_of(data)
        if not re.fullmatch(self.pattern, text, flags=re.ASCII):
            raise FieldError(self.code)
        return text


@extend_schema_field({"type": "string", "minLength": 12, "maxLength": 12})
class FseNumberField(serializers.Field):
    """A normalised FSE number whose check character is right."""

    def to_internal_value(self, data: Any) -> str:
        text = text_of(data)
        if len(text) != NUMBER_LENGTH or not is_fse_number(text):
            raise FieldError("FSE_NUMBER_CHECK")
        return text


@extend_schema_field({"type": "string", "pattern": r"^[0-9]+\.[0-9]{2}$"})
class DirhamsField(serializers.Field):
    """A charge: dirhams with two decimals in a string, read as centimes; above zero."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str):
            raise FieldError("AMOUNT_FORMAT")
        if re.fullmatch(r"-[0-9]+\.[0-9]{2}", data, flags=re.ASCII):
            raise FieldError("AMOUNT_NOT_POSITIVE")
        if len(data) > len(format_dirhams(MAX_CENTIMES)) and re.fullmatch(
            r"[0-9]+\.[0-9]{2}", data
        ):
            raise FieldError("AMOUNT_TOO_LARGE", limit=format_dirhams(MAX_CENTIMES))
        return _plausible(_centimes(data))


@extend_schema_field({"type": "string", "format": "date"})
class DayField(serializers.Field):
    """A day in ISO 8601 form that exists; `past` refuses days after today."""

    def __init__(self, *, past: bool = False, **options: Any) -> None:
        self.past = past
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> date:
        if not isinstance(data, str) or not _DAY.fullmatch(data) or not data.isascii():
            raise FieldError("DATE_FORMAT")
        try:
            day = date.fromisoformat(data)
        except ValueError:
            raise FieldError("DATE_FORMAT") from None
        if self.past and day > timezone.localdate():
            raise FieldError("DATE_IN_THE_FUTURE")
        return day


@extend_schema_field({"type": "string", "format": "uuid"})
class IdentifierField(serializers.Field):
    """A UUID in its usual form, small letters."""

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or not _UUID.fullmatch(data):
            raise FieldError("UUID_FORMAT")
        return UUID(data)


class WholeNumberField(serializers.Field):
    """A JSON whole number between two limits."""

    def __init__(self, *, smallest: int, largest: int, **options: Any) -> None:
        self.smallest = smallest
        self.largest = largest
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            raise FieldError("NOT_A_WHOLE_NUMBER")
        if data < self.smallest:
            raise FieldError("TOO_SMALL", limit=self.smallest)
        if data > self.largest:
            raise FieldError("TOO_LARGE", limit=self.largest)
        return data


@extend_schema_field({"type": "boolean"})
class FlagField(serializers.Field):
    """JSON true or false."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise FieldError("NOT_A_BOOLEAN")
        return data


class ConstantField(serializers.Field):
    """A value that must be one of a few, texts or whole numbers."""

    def __init__(self, *choices: str | int, **options: Any) -> None:
        self.choices: Sequence[str | int] = choices
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str | int:
        for choice in self.choices:
            if type(data) is type(choice) and data == choice:
                return choice
        raise FieldError("UNKNOWN_CHOICE", choices=", ".join(str(each) for each in self.choices))


def text_of(data: Any) -> str:
    """Return a JSON text. Raises FieldError."""
    if not isinstance(data, str):
        raise FieldError("NOT_A_TEXT")
    return data


def _centimes(text: str) -> int:
    try:
        return parse_dirhams(text)
    except ValueError:
        raise FieldError("AMOUNT_FORMAT") from None


def _plausible(centimes: int) -> int:
    if centimes == 0:
        raise FieldError("AMOUNT_NOT_POSITIVE")
    if centimes > MAX_CENTIMES:
        raise FieldError("AMOUNT_TOO_LARGE", limit=format_dirhams(MAX_CENTIMES))
    return centimes
