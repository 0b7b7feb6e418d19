"""A paper and the same care under a number of the doctor's device: both are received, one is paid."""

import pytest

from claims.models import Claim, PaperPad
from claims.states import ClaimState
from fraud.models import Signal
from tests import world
from tests.claims.papers import first_sheet, pad_of, receive
from tests.fraud.filing import screened

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("has_number", [False, True], ids=["old form", "sheet of a pad"])
@pytest.mark.parametrize("is_paper_first", [True, False], ids=["paper first", "screen first"])
def test_of_a_paper_and_its_twin_under_another_number_a_person_decides_the_second(
    has_number: bool, is_paper_first: bool
) -> None:
    world.act("C")
    doctor, patient = world.practice(), world.person()
    sheet = first_sheet(pad_of(doctor)) if has_number else None

    def on_paper() -> Claim:
        """The agent saw what looks like it, and says that it is something else."""
        seen = frozenset(Claim.objects.values_list("pk", flat=True))
        return receive(doctor, patient, sheet, seen=seen).claim

    def on_screen() -> Claim:
        return world.submit(doctor, world.care_document(doctor, patient))

    first, second = (
        (screened(on_paper()), screened(on_screen()))
        if is_paper_first
        else (screened(on_screen()), screened(on_paper()))
    )

    assert (first.state, second.state) == (ClaimState.APPROVED, ClaimState.HELD)
    signal = Signal.objects.get()
    assert (signal.claim_id, signal.detector) == (second.pk, "SAME_CARE_AGAIN")
    assert signal.evidence["rows"][0]["other_claim"] == str(first.pk)
    assert PaperPad.objects.count() == int(has_number)
