"""The base of every Input: unknown keys refused, every field judged, errors as JSON pointers."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField

from core.api.entries import EntryError, EntryErrors, errors_of

Json = dict[str, Any]


class Lines(serializers.ListSerializer):
    """A list of one line or more, or none if `allow_empty`; one too long is refused without reading it."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            raise EntryErrors([EntryError("", "NOT_A_LIST")])
        if not data and not self.allow_empty:
            raise EntryErrors([EntryError("", "EMPTY_LIST")])
        if len(data) > (limit := settings.MAX_LINES_A_DOCUMENT):
            raise EntryErrors([EntryError("", "TOO_MANY_LINES", {"limit": limit})])
        values, errors = [], []
        for index, each in enumerate(data):
            try:
                values.append(self.run_child_validation(each))
            except ValidationError as refusal:
                errors += [error.under(index) for error in errors_of(refusal)]
        errors += _positions_twice(values)
        if errors:
            raise EntryErrors(errors)
        return values


class Input(serializers.Serializer):
    """The shape of a request body, or of an object inside it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.error_messages |= {"required": "REQUIRED", "null": "NULL"}

    @classmethod
    def many_init(cls, *args: Any, **options: Any) -> Lines:
        required = {
            key: value
            for key, value in options.items()
            if key in {"required", "help_text", "allow_null"}
        }
        return Lines(*args, child=cls(), allow_empty=options.get("allow_empty", False), **required)

    def to_internal_value(self, data: Any) -> Json:
        if not isinstance(data, Mapping):
            raise EntryErrors([EntryError("", "NOT_AN_OBJECT")])
        errors = [
            EntryError("", "UNKNOWN_KEY").under(key) for key in data if key not in self.fields
        ]
        values: Json = {}
        for name, field in self.fields.items():
            try:
                values[name] = field.run_validation(data.get(name, serializers.empty))
            except SkipField:
                continue
            except ValidationError as refusal:
                errors += [error.under(name) for error in errors_of(refusal)]
        if not errors:
            errors += self.contradictions(values)
        if errors:
            raise EntryErrors(errors)
        return values

    def contradictions(self, values: Json) -> Iterable[EntryError]:
        """What is wrong between fields that are right one by one."""
        return ()


class Output(serializers.Serializer):
    """The shape of an answer: documents it, presenters fill it."""


def read(shape: type[Input], body: Any) -> Json:
    """Return the values of a request body of this shape. Raises EntryErrors, all errors at once."""
    if not isinstance(body, Mapping):
        raise EntryErrors([EntryError("", "NOT_AN_OBJECT")])
    return cast(Json, shape().run_validation(body))


def _positions_twice(values: list[Any]) -> list[EntryError]:
    """Lines are named by their position: it must be theirs alone."""
    seen: set[int] = set()
    errors = []
    for index, value in enumerate(values):
        position = value.get("position") if isinstance(value, dict) else None
        if position in seen:
            errors.append(EntryError(f"/{index}/position", "POSITION_TWICE"))
        if position is not None:
            seen.add(position)
    return errors
