"""The fields that will be encrypted: one class, so that encryption is switched on in one place.

Decision 0005: CIN, phone, address, bank account and free clinical text. Today the class stores plain
text and knows how to mask; the day encryption arrives it changes here, and in its blind index, only.
"""

from django.db import models

VISIBLE = 3


class SealedCharField(models.CharField):  # type: ignore[type-arg]
    """A short sensitive text; lists and logs show `masked(value)`, never the value."""


def masked(value: str) -> str:
    """Return `value` with all but its last three characters replaced by bullets."""
    return "•" * max(0, len(value) - VISIBLE) + value[-VISIBLE:]
