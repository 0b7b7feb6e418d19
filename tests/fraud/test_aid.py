"""The aid of the night: learnt from what people decided, shown only if it beats the sort by amount."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import RequestFactory

from accounts.models import Role
from claims.models import Claim
from core.record_keys import new_key
from fraud.admin.cases import providers
from fraud.models import Case, CaseParty, NightRun, NightStep, RankingAid
from fraud.presenters.aid import second_opinion
from fraud.presenters.cases import ranked_providers
from fraud.selectors.aid import billed_before, decided_providers
from fraud.selectors.rules import desk_on
from fraud.services import _aid, _night
from providers.models import Provider
from tests import world
from tests.fraud.filing import care_claim
from tests.fraud.test_cases import alarm

pytestmark = pytest.mark.django_db

EARLIER = world.NOW - timedelta(days=40)
ENOUGH = desk_on(world.TODAY)["aid_decided"]


@pytest.fixture
def billing() -> Iterator[Any]:
    """A way to have professionals bill: copies of one claim, each for another amount."""
    model = care_claim()

    def bill(provider: Provider, amounts: list[int], at: datetime, *, persons: int = 1) -> None:
        patients = [model.patient, *(world.person() for _n in range(persons - 1))]
        for n, amount in enumerate(amounts):
            patient = patients[n % persons]
            row = Claim.objects.get(pk=model.pk)
            row.pk, row.provider = new_key(), provider
            row.patient, row.insured = patient, patient.insured
            row.received_at, row.received_date = at, at.date()
            row.charged_centimes, row.reimbursed_centimes = amount, 0
            row.save(force_insert=True)

    return bill


def the_page() -> str:
    request = RequestFactory().get("/")
    request.user = world.user(Role.AUDITOR)
    return unescape(providers(request).render().content.decode())


def provider() -> Provider:
    n = 300_000_000 + Provider.objects.count()
    return Provider.objects.create(
        inpe=str(n),
        kind="DOCTOR",
        name=f"Cabinet {n}",
        sector="PRIVATE",
        address="1 rue des Essais",
    )


def decided(
    subject: Provider, state: str, opened: datetime = EARLIER, kind: str = "PROVIDER"
) -> None:
    case = Case.objects.create(
        number=f"F{Case.objects.count()}",
        kind=kind,
        subject=str(subject.pk),
        state=state,
        score_bp=1,
        amount_centimes=1,
        opened_at=opened,
        seen_at=opened,
        officer=world.user(Role.FRAUD_OFFICER) if state != "OPEN" else None,
    )
    CaseParty.objects.create(case=case, provider=subject)


def judged(at: datetime = world.NOW) -> RankingAid:
    run = NightRun.objects.create(
        scope="FULL",
        state="DONE",
        until=at.date(),
        rules={},
        started_at=at,
        ended_at=at,
    )
    _aid.judge_aid(run=run, at=at, repeats=2)
    return run.aid


def a_desk(billing: Any, *, frauds_bill_more: bool) -> None:
    """Enough decided cases: the frauds are paid more, or bill the same in claims cut small."""
    before = EARLIER - timedelta(days=5)
    for n in range(ENOUGH):
        guilty, honest = provider(), provider()
        total = 100_000 + 1_000 * n
        if frauds_bill_more:
            billing(guilty, [3 * total], before)
        else:
            billing(guilty, [total // 4] * 4, before)
        billing(honest, [total], before)
        decided(guilty, "CONFIRMED")
        decided(honest, "UNFOUNDED")


def test_before_the_first_night_it_says_so() -> None:
    said = second_opinion([])
    assert said["is_shown"] is False
    assert said["words"] in the_page()
    assert "pas encore été jugée" in said["words"]
    assert "Rang par l’aide" not in the_page()


def test_too_few_decisions_are_said_with_their_numbers(billing: Any) -> None:
    guilty, honest = provider(), provider()
    for each, state in ((guilty, "CONFIRMED"), (honest, "UNFOUNDED")):
        billing(each, [10_000], EARLIER - timedelta(days=1))
        decided(each, state)
    aid = judged()
    assert (aid.standing, aid.confirmed, aid.unfounded, aid.needed) == ("FEW", 1, 1, ENOUGH)
    assert f"{ENOUGH} confirmés" in second_opinion([])["words"]


def test_an_aid_that_beats_the_sort_ranks_those_with_alarms(billing: Any) -> None:
    a_desk(billing, frauds_bill_more=False)
    small, dear = provider(), provider()
    lately = world.NOW - timedelta(days=3)
    billing(small, [30_000] * 4, lately)
    billing(dear, [121_000], lately)
    for each in (small, dear):
        alarm("UPCODING", provider=each)
    aid = judged()
    assert aid.standing == "KEPT"
    assert aid.aid_bp > aid.sort_bp
    assert aid.ranking == [str(small.pk), str(dear.pk)]
    rows = [{"provider": each} for each in (small, dear, provider())]
    assert second_opinion(rows)["is_shown"] is True
    assert [row["aid_place"] for row in rows] == [1, 2, None]
    assert "Rang par l’aide" in the_page()


def test_where_the_amount_says_it_all_it_is_not_shown(billing: Any) -> None:
    a_desk(billing, frauds_bill_more=True)
    alarm("UPCODING", provider=provider())
    aid = judged()
    assert (aid.standing, aid.sort_bp, aid.ranking) == ("BEATEN", 10_000, [])
    rows = ranked_providers(at=world.NOW, by_amount=True)
    said = second_opinion(rows)
    assert said["is_shown"] is False
    assert "ne range pas mieux" in said["words"]
    assert [row["aid_place"] for row in rows] == [None]


def test_what_was_billed_after_the_case_or_decided_of_claims_changes_nothing(billing: Any) -> None:
    one = provider()
    billing(one, [10_000, 20_000], EARLIER - timedelta(days=1), persons=2)
    before = billed_before({one.pk: EARLIER}, 90)
    assert before[one.pk]["claims"] == before[one.pk]["patients"] == 2
    assert before[one.pk]["charged"] == 30_000
    billing(one, [90_000], EARLIER + timedelta(days=1))
    billing(one, [90_000], EARLIER - timedelta(days=91))
    Claim.objects.filter(provider=one, charged_centimes=20_000).update(state="DENIED")
    assert billed_before({one.pk: EARLIER}, 90) == before


def test_the_last_decided_case_counts_and_a_members_never() -> None:
    one, other, third = provider(), provider(), provider()
    decided(one, "CONFIRMED", EARLIER - timedelta(days=9))
    decided(one, "UNFOUNDED", EARLIER)
    decided(other, "CONFIRMED", kind="MEMBER")
    decided(third, "OPEN")
    assert decided_providers() == {one.pk: (EARLIER, False)}


def test_told_twice_it_is_one_and_a_failure_ends_no_night(monkeypatch: pytest.MonkeyPatch) -> None:
    aid = judged()
    _aid.judge_aid(run=aid.run, at=world.NOW + timedelta(hours=1))
    assert RankingAid.objects.get() == aid

    def breaks(**_told: Any) -> int:
        raise RuntimeError("no model")

    monkeypatch.setattr(_night, "judge_aid", breaks)
    run = NightRun.objects.create(
        scope="FULL", state="RUNNING", until=world.TODAY, rules={}, started_at=world.NOW
    )
    NightStep.objects.create(run=run, position=1, name="aid")
    assert _night.advance_night(at=world.NOW) is True
    assert run.steps.get().error.startswith("RuntimeError")
    assert _night.advance_night(at=world.NOW) is True
    run.refresh_from_db()
    assert run.state == "DONE"
