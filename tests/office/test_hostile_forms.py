"""What no screen can type, posted to the office's pages: a refusal, never a failure."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Role
from fraud.models import Case
from tests import world
from tests.fraud.test_rules_desk import draft
from tests.office.test_fraud_pages import a_case

pytestmark = pytest.mark.django_db
NUL = "a\x00b"


@pytest.mark.parametrize("name", ["state", "state__in", "kind", "q"])
@pytest.mark.parametrize("page", ["fraud_case", "claims_claim"])
def test_a_null_character_in_a_question_is_refused(signed_in: Any, page: str, name: str) -> None:
    client = signed_in(Role.FRAUD_OFFICER)
    client.raise_request_exception = False
    answer = client.get(reverse(f"admin:{page}_changelist"), {name: NUL})
    assert answer.status_code == 400


def deeds(case: Case) -> list[tuple[str, dict[str, str]]]:
    claim = case.items.first().signal.claim_id
    version = draft()
    return [
        (reverse("admin:fraud_case_noter", args=[case.pk]), {"text": NUL}),
        (reverse("admin:fraud_case_classer", args=[case.pk]), {"reason": NUL}),
        (
            reverse("admin:fraud_case_confirmer", args=[case.pk]),
            {"reason": "vu", "claim": NUL},
        ),
        (reverse("admin:claims_claim_lever", args=[claim]), {"reason": NUL}),
        (reverse("admin:fraud_rule_drop", args=[version.pk]), {"reason": NUL}),
        (
            reverse("admin:fraud_rule_ecrire", args=["MORE_THAN_A_DAY"]),
            {"weight": "100", "action": "FLAG", "reason": NUL},
        ),
    ]


def test_a_null_character_is_refused_and_writes_nothing(signed_in: Any) -> None:
    case = a_case()
    client = signed_in(Role.FRAUD_OFFICER)
    client.raise_request_exception = False
    client.post(reverse("admin:fraud_case_prendre", args=[case.pk]))
    for address, form in deeds(case):
        before = world.rows_everywhere()
        assert (address, client.post(address, form).status_code) == (address, 400)
        assert world.rows_everywhere() == before
