"""Fields of the register."""

import re
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.entries import FieldError
from core.api.fields import text_of


@extend_schema_field({"type": "string"})
class InpeField(serializers.Field):
    """An INPE number in the form of the setting INPE_PATTERN."""

    def to_internal_value(self, data: Any) -> str:
        text = text_of(data)
        if not text.isascii() or not re.fullmatch(settings.INPE_PATTERN.rstrip("$"), text):
            raise FieldError("INPE_FORMAT")
        return text
