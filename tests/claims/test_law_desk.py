"""Trying a law out: drafts, measures that pause and go on, two people to adopt."""

from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.models import Role
from claims import services
from claims.adjudication.legislation.loader import LEGISLATION
from claims.models import ShadowLaw
from claims.permissions import LawDeskNotYours, SecondPersonAdopts
from claims.services import LawFileWrong, LawUnchanged, PeriodWrong
from claims.services._law_desk import MEASURER
from claims.services._refusals import ReasonMissing
from claims.tasks import measure_laws
from core.models import Transition
from core.transitions import TransitionRefused
from tests import world
from tests.claims.candidates import RATE, SINCE, STANDARD_ACT, a_law, adopted_law, measure
from tests.fraud.filing import care_claim

pytestmark = pytest.mark.django_db
NOW = world.NOW


def path_of(shadow: ShadowLaw) -> list[str]:
    moves = Transition.objects.filter(subject_id=shadow.pk).order_by("id")
    return [move.to_state for move in moves]


def test_a_law_is_written_measured_proposed_and_adopted_by_a_second_person() -> None:
    care_claim()
    shadow = adopted_law()

    assert path_of(shadow) == ["DRAFT", "RUNNING", "MEASURED", "PROPOSED", "ADOPTED"]
    assert shadow.report["difference_centimes"] == 800
    assert shadow.judged == shadow.total == 1
    assert shadow.base_digest == world.law().digest != shadow.law_digest


def test_adopting_changes_no_law_in_force() -> None:
    before = world.law().digest
    adopted_law()

    assert world.law().digest == before


WRONG = {
    "unknown key": (
        {STANDARD_ACT: RATE.format(rate="0.80") + "author: x\n"},
        "unknown key 'author'",
    ),
    "wrong place": ({"nowhere.yaml": RATE.format(rate="0.80")}, "nowhere.yaml"),
    "a way out": ({"../rates/standard_act.yaml": "x"}, "FAMILY/NAME.yaml"),
    "misspelt family": ({"rate/x.yaml": RATE.format(rate="0.80")}, "unknown family 'rate'"),
    "tag of Python": ({STANDARD_ACT: "!!python/object/apply:os.system [x]"}, "must be a mapping"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_by_name_and_nothing_is_written(name: str) -> None:
    files, said = WRONG[name]
    author = world.user(Role.MEDICAL_OFFICER)
    before = world.rows_everywhere()

    with pytest.raises(LawFileWrong) as refusal:
        services.draft_law(name="x", files=files, by=author, at=NOW)

    assert said in refusal.value.text("fr")
    assert next(iter(files)) in refusal.value.text("ar")
    assert world.rows_everywhere() == before


def test_the_law_in_force_is_no_candidate() -> None:
    same = (LEGISLATION / STANDARD_ACT).read_text(encoding="utf-8")

    with pytest.raises(LawUnchanged):
        services.draft_law(
            name="x", files={STANDARD_ACT: same}, by=world.user(Role.ADMINISTRATOR), at=NOW
        )


def test_writing_a_file_again_asks_for_another_measure() -> None:
    shadow = measure(a_law())
    text = RATE.format(rate="0.75")

    services.write_law_file(shadow=shadow, file=STANDARD_ACT, text=text, by=shadow.author, at=NOW)

    shadow.refresh_from_db()
    assert (shadow.state, shadow.report) == ("DRAFT", None)
    assert shadow.files == {STANDARD_ACT: text}
    with pytest.raises(LawUnchanged):
        services.write_law_file(shadow=shadow, file=STANDARD_ACT, text="", by=shadow.author, at=NOW)


def test_a_measure_pauses_and_goes_on_where_it_was(monkeypatch) -> None:
    monkeypatch.setattr("claims.services._law_desk.SLICE", 2)
    for _each in range(5):
        care_claim()
    shadow = a_law()
    services.start_measure(shadow=shadow, since=SINCE, until=None, by=shadow.author, at=NOW)
    assert services.advance_measures(at=NOW)
    services.pause_measure(shadow=ShadowLaw.objects.get(), by=shadow.author, at=NOW)
    paused = ShadowLaw.objects.get()

    assert not services.advance_measures(at=NOW)
    assert (paused.state, paused.judged, paused.total) == ("PAUSED", 2, 5)
    services.resume_measure(shadow=paused, by=shadow.author, at=NOW)
    while services.advance_measures(at=NOW):
        pass

    done = ShadowLaw.objects.get()
    assert (done.state, done.judged) == ("MEASURED", 5)
    assert done.report["difference_centimes"] == 5 * 800


def test_a_measure_is_given_up_and_begun_again() -> None:
    care_claim()
    shadow = a_law()
    services.start_measure(shadow=shadow, since=SINCE, until=None, by=shadow.author, at=NOW)
    services.advance_measures(at=NOW)

    services.cancel_measure(shadow=ShadowLaw.objects.get(), by=shadow.author, at=NOW)

    given_up = ShadowLaw.objects.get()
    assert (given_up.state, given_up.report, given_up.last) == ("DRAFT", None, None)
    assert measure(given_up, by=shadow.author).judged == 1


def test_the_task_measures_to_the_end_and_rings_nobody_without_work() -> None:
    care_claim()
    shadow = a_law()
    services.start_measure(shadow=shadow, since=SINCE, until=None, by=shadow.author, at=NOW)

    measure_laws()
    measure_laws()

    assert path_of(shadow) == ["DRAFT", "RUNNING", "MEASURED"]


def test_a_measure_that_fails_is_paused_for_a_person() -> None:
    """A law in force that changed below the candidate: the candidate can no longer be read."""
    shadow = a_law()
    services.start_measure(shadow=shadow, since=SINCE, until=None, by=shadow.author, at=NOW)
    ShadowLaw.objects.update(files={STANDARD_ACT: "unit: rate\n"})

    assert services.advance_measures(at=NOW)

    assert ShadowLaw.objects.get().state == "PAUSED"
    assert Transition.objects.filter(actor=MEASURER, reason="failure").count() == 1


def test_days_in_the_wrong_order_begin_nothing() -> None:
    shadow = a_law()
    with pytest.raises(PeriodWrong):
        services.start_measure(
            shadow=shadow, since=SINCE, until=SINCE - timedelta(days=1), by=shadow.author, at=NOW
        )
    assert ShadowLaw.objects.get().state == "DRAFT"


def test_only_a_state_that_allows_it() -> None:
    shadow = a_law()
    by = shadow.author
    wrong = [
        lambda: services.pause_measure(shadow=shadow, by=by, at=NOW),
        lambda: services.resume_measure(shadow=shadow, by=by, at=NOW),
        lambda: services.cancel_measure(shadow=shadow, by=by, at=NOW),
        lambda: services.propose_law(shadow=shadow, by=by, at=NOW),
    ]
    for deed in wrong:
        with pytest.raises(TransitionRefused):
            deed()
    services.start_measure(shadow=shadow, since=SINCE, until=date(2026, 11, 2), by=by, at=NOW)
    for deed in (
        lambda: services.start_measure(shadow=shadow, since=SINCE, until=None, by=by, at=NOW),
        lambda: services.write_law_file(
            shadow=shadow, file=STANDARD_ACT, text="x: y", by=by, at=NOW
        ),
    ):
        with pytest.raises((TransitionRefused, LawFileWrong)):
            deed()
    assert ShadowLaw.objects.get().state == "RUNNING"


def test_neither_author_nor_proposer_adopts() -> None:
    shadow, other = measure(a_law()), world.user(Role.ADMINISTRATOR)
    services.propose_law(shadow=shadow, by=other, at=NOW)

    for person in (shadow.author, other):
        with pytest.raises(SecondPersonAdopts):
            services.adopt_law(shadow=shadow, by=person, at=NOW)
    services.adopt_law(shadow=shadow, by=world.user(Role.MEDICAL_OFFICER), at=NOW)

    assert ShadowLaw.objects.get().state == "ADOPTED"


def test_a_law_is_dropped_with_a_reason() -> None:
    shadow = a_law()
    with pytest.raises(ReasonMissing):
        services.drop_law(shadow=shadow, reason=" ", by=shadow.author, at=NOW)
    services.drop_law(shadow=shadow, reason="trop cher", by=shadow.author, at=NOW)

    assert Transition.objects.get(to_state="DROPPED").reason == "trop cher"


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR, Role.MEDICAL_OFFICER}))
def test_other_roles_try_no_law(role: Role) -> None:
    shadow, by = a_law(), world.user(role)
    deeds = [
        lambda: services.draft_law(name="x", files=shadow.files, by=by, at=NOW),
        lambda: services.write_law_file(shadow=shadow, file="x", text="x", by=by, at=NOW),
        lambda: services.start_measure(shadow=shadow, since=SINCE, until=None, by=by, at=NOW),
        lambda: services.pause_measure(shadow=shadow, by=by, at=NOW),
        lambda: services.resume_measure(shadow=shadow, by=by, at=NOW),
        lambda: services.cancel_measure(shadow=shadow, by=by, at=NOW),
        lambda: services.propose_law(shadow=shadow, by=by, at=NOW),
        lambda: services.adopt_law(shadow=shadow, by=by, at=NOW),
        lambda: services.drop_law(shadow=shadow, reason="x", by=by, at=NOW),
    ]
    for deed in deeds:
        with pytest.raises(LawDeskNotYours):
            deed()
    assert connection.in_atomic_block
    assert ShadowLaw.objects.get().state == "DRAFT"
