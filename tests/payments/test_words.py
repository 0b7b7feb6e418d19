"""Every refusal of the room has a code of its own and says in both languages what to do."""

import pytest

from core.errors import DomainError
from payments import services

REFUSALS = [
    value
    for value in (getattr(services, name) for name in services.__all__)
    if isinstance(value, type) and issubclass(value, DomainError)
]
CONTEXT = dict.fromkeys(
    [
        "number",
        "reference",
        "found",
        "what",
        "sent",
        "left_out",
        "day",
        "where",
        "why",
        "megabytes",
        "state",
        "year",
        "cut_off",
        "limit",
        "count",
        "differences",
        "limit",
        "said",
    ],
    "B2026-000001",
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_a_refusal_speaks_both_languages(refusal: type[DomainError]) -> None:
    error = refusal(**CONTEXT)

    french, arabic = error.text("fr"), error.text("ar")

    assert "%(" not in french + arabic
    assert french != arabic
    assert any("\u0600" <= letter <= "\u06ff" for letter in arabic)


def test_codes_are_not_shared() -> None:
    assert len({refusal.code for refusal in REFUSALS}) == len(REFUSALS)
