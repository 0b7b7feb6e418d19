"""What a case and its network count, and what a case leaves to others."""

import pytest

from claims.models import Claim
from claims.states import ClaimState
from config.recoveries import ask_recoveries
from fraud.models import Case, CaseRecovery
from fraud.selectors.cases import links_among
from payments.models import Reversal
from payments.services import Grounds, ask_reversal
from tests import world
from tests.fraud.filing import care_claim
from tests.fraud.test_cases import LATER, confirmed, officer, opened, replays

pytestmark = pytest.mark.django_db


def test_a_reversed_claim_is_not_in_the_amount_of_its_case() -> None:
    claims = replays()
    Claim.objects.filter(pk=claims[0].pk).update(state=ClaimState.REVERSED)
    assert opened() == 1
    assert Case.objects.get().amount_centimes == 3 * 5_600


@pytest.mark.parametrize(("least", "links"), [(1, 1), (2, 0)])
def test_two_professionals_are_linked_by_one_member(least: int, links: int) -> None:
    patient, pair = world.person(), [world.practice(), world.practice()]
    for doctor in pair:
        care_claim(doctor, patient)
    found = links_among([each.provider.pk for each in pair], least=least)
    assert [count for _one, _other, count in found] == [1] * links


def test_a_claim_somebody_else_takes_back_is_left_to_them() -> None:
    claims = replays()
    opened()
    confirmed(Case.objects.get(), claims[:2])
    grounds = Grounds("CARE_NOT_GIVEN", "jamais venu", "courrier 12", "0" * 64)
    theirs = ask_reversal(claim_id=claims[0].pk, grounds=grounds, by=officer(), at=LATER)
    keys = list(CaseRecovery.objects.values_list("pk", flat=True))
    ask_recoveries(subject_ids=keys, at=LATER)
    assert Reversal.objects.get(claim=claims[0]) == theirs
    assert Reversal.objects.get(claim=claims[1]).reason == "PROVEN_FRAUD"
