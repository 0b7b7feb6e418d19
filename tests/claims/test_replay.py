"""Stored decisions judged again: exact differences by rule, region and speciality."""

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.adjudication.decision import Rule, Step
from claims.adjudication.replay import Change, Place, Tally, rule_that_differs
from claims.services import Replay, adjudicate_claims, replay_decisions
from providers.models import Territory
from tests import world
from tests.claims.candidates import ENDED_LETTER, RATE, STANDARD_ACT, candidate
from tests.fraud.filing import care_claim

pytestmark = pytest.mark.django_db

SINCE = "2026-11-01"


def region(code: str, name: str) -> Territory:
    """A commune of a province of a region."""
    parent = None
    for kind, key in (("REGION", code), ("PROVINCE", f"{code}.1"), ("COMMUNE", f"{code}.1.1")):
        parent = Territory.objects.create(
            code=key, kind=kind, name_fr=name if parent is None else key, parent=parent, source="x"
        )
    return parent


@pytest.fixture
def three_claims() -> None:
    """Two consultations of 80.00 in Rabat, one of a cardiologist nowhere; 56.00 each."""
    commune = region("04", "Rabat-Salé-Kénitra")
    first = world.practice(territory=commune)
    for doctor in (first, first, world.practice(speciality="Cardiologie")):
        care_claim(doctor)


def run(*arguments: str) -> tuple[str, int]:
    """What the command printed, and its exit status."""
    printed = StringIO()
    try:
        call_command("replay_decisions", *arguments, stdout=printed)
    except CommandError as error:
        return printed.getvalue(), error.returncode
    return printed.getvalue(), 0


def report_of(tmp_path: Path, *arguments: str) -> dict:
    file = tmp_path / "report.json"
    run("--since", SINCE, "--json", str(file), *arguments)
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.usefixtures("three_claims")
def test_the_law_in_force_gives_every_decision_again() -> None:
    printed, status = run("--since", SINCE, "--expect-equal")

    assert "3 décisions jugées à nouveau : 3 identiques, 0 différentes (0 lignes)." in printed
    assert "Remboursé 168,00 DH, puis 168,00 DH : différence 0,00 DH." in printed
    assert status == 0


@pytest.mark.usefixtures("three_claims")
def test_another_rate_is_counted_to_the_centime_by_rule_region_and_speciality(tmp_path) -> None:
    folder = candidate(tmp_path / "law", {STANDARD_ACT: RATE.format(rate="0.80")})

    report = report_of(tmp_path, "--law", str(folder))

    assert (report["judged"], report["equal"], report["changed"]) == (3, 0, 3)
    assert report["difference_centimes"] == 3 * (6_400 - 5_600)
    two = {
        "lines": 2,
        "before_centimes": 11_200,
        "after_centimes": 12_800,
        "difference_centimes": 1_600,
    }
    one = {
        "lines": 1,
        "before_centimes": 5_600,
        "after_centimes": 6_400,
        "difference_centimes": 800,
    }
    assert report["by_rule"] == [
        {
            "name": "rate",
            "lines": 3,
            "before_centimes": 16_800,
            "after_centimes": 19_200,
            "difference_centimes": 2_400,
        }
    ]
    assert report["by_region"] == [{"name": "04", **two}, {"name": "", **one}]
    assert report["by_speciality"] == [{"name": "DOCTOR", **two}, {"name": "Cardiologie", **one}]


@pytest.mark.usefixtures("three_claims")
def test_the_tables_say_names_and_the_status_says_that_something_differs(tmp_path) -> None:
    folder = candidate(tmp_path / "law", {STANDARD_ACT: RATE.format(rate="0.80")})

    printed, status = run("--since", SINCE, "--law", str(folder), "--expect-equal")

    assert status == 1
    for words in (
        "taux et montant",
        "Rabat-Salé-Kénitra",
        "non précisée",
        "médecin",
        "Cardiologie",
    ):
        assert words in printed
    assert run("--since", SINCE, "--law", str(folder))[1] == 0


@pytest.mark.usefixtures("three_claims")
def test_a_line_refused_by_the_other_law_is_counted_under_the_rule_that_refuses_it(
    tmp_path,
) -> None:
    folder = candidate(tmp_path / "law", {"key_letters/C.yaml": ENDED_LETTER})

    report = report_of(tmp_path, "--law", str(folder))

    assert [(each["name"], each["difference_centimes"]) for each in report["by_rule"]] == [
        ("tariff", -16_800)
    ]
    assert report["after_centimes"] == 0


@pytest.mark.usefixtures("three_claims")
def test_a_law_with_a_gap_on_the_care_day_is_said_and_loses_nothing(tmp_path) -> None:
    text = RATE.format(rate="0.80").replace("0001-01-01", "2030-01-01")
    folder = candidate(tmp_path / "law", {STANDARD_ACT: text})

    report = report_of(tmp_path, "--law", str(folder))
    printed, status = run("--since", SINCE, "--law", str(folder), "--expect-equal")

    assert report["judged"] == 0
    assert report["no_law"] == {"rates.standard_act": 3}
    assert "3 non jugées : rates.standard_act n’a pas de valeur un jour de soin." in printed
    assert status == 1


def test_a_law_that_cannot_be_read_is_named(tmp_path) -> None:
    folder = candidate(tmp_path / "law", {STANDARD_ACT: "unit: rate\n"})

    with pytest.raises(CommandError, match=r"rates/standard_act\.yaml"):
        call_command("replay_decisions", "--since", SINCE, "--law", str(folder))


@pytest.mark.usefixtures("three_claims")
def test_days_bound_the_replay_and_a_limit_ends_it() -> None:
    care_claim(at=world.NOW + timedelta(days=1))

    counted = {
        arguments: run(*arguments)[0].splitlines()[-2].split()[0]
        for arguments in [
            ("--since", "2026-11-20"),
            ("--since", "2026-11-20", "--until", "2026-11-20"),
            ("--since", "2026-11-21"),
            ("--since", "2026-11-22"),
            ("--since", "2026-11-20", "--limit", "2"),
        ]
    }

    assert list(counted.values()) == ["4", "3", "1", "0", "2"]


@pytest.mark.usefixtures("three_claims")
def test_pages_follow_each_other_and_write_nothing() -> None:
    before = world.rows_everywhere()
    replay = Replay(law=world.law(), since=date(2026, 11, 1))
    pages = [replay.step(2), replay.step(2), replay.step(2)]

    assert pages == [2, 1, 0]
    assert replay.tally.judged == replay.total() == 3
    assert world.rows_everywhere() == before


@pytest.mark.usefixtures("three_claims")
def test_an_equal_page_takes_the_same_statements_whatever_its_size() -> None:
    counts = []
    for size in (1, 3):
        replay = Replay(law=world.law(), since=date(2026, 11, 1))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            replay.step(size)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 5


def test_only_the_decision_that_counts_is_judged_again() -> None:
    world.act("V")
    document = {"position": 1, "act": "V", "quantity": 1, "charged": "120.00", "illness": None}
    claim = care_claim(
        world.practice(sector="PUBLIC"), lines=[{**document, "care_date": "2026-11-20"}]
    )
    adjudicate_claims([claim], by="system:test", at=world.NOW, reviewed=True)
    replay = Replay(law=world.law(), since=date(2026, 11, 1))

    tally = replay_decisions(replay, progress=lambda _done: None)

    assert claim.decisions.count() == 2
    assert (tally.judged, tally.equal) == (1, 1)


def step(rule: Rule, after: int = 0) -> Step:
    return Step(rule, "x", "", 0, after)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ([step(Rule.FILING)], [step(Rule.TARIFF), step(Rule.RATE)], Rule.FILING),
        ([step(Rule.TARIFF), step(Rule.RATE)], [step(Rule.RIGHTS)], Rule.RIGHTS),
        (
            [step(Rule.TARIFF), step(Rule.RATE, 1)],
            [step(Rule.TARIFF), step(Rule.RATE, 2)],
            Rule.RATE,
        ),
        ([step(Rule.RATE)], [step(Rule.RATE), step(Rule.CEILING)], Rule.CEILING),
        ([step(Rule.RATE)], [step(Rule.RATE)], Rule.SHARES),
    ],
)
def test_the_rule_of_a_difference_is_the_first_whose_work_differs(before, after, rule) -> None:
    assert rule_that_differs(before, after) is rule


def test_a_tally_comes_back_from_json_and_counts_on() -> None:
    places = {"1": Place("04", "Cardiologie")}
    tally = Tally()
    tally.add([Change(Rule.RATE, "1", 100, 150)], places, before=300, after=350)
    tally.add([], places, before=200, after=200)
    tally.refuse("rates.standard_act")

    back = Tally.from_dict(json.loads(json.dumps(tally.to_dict())))
    assert back.to_dict() == tally.to_dict()
    back.add([Change(Rule.RATE, "2", 50, 0)], places, before=50, after=0)

    assert (back.judged, back.equal, back.changed) == (3, 1, 2)
    assert (back.before, back.after) == (550, 550)
    assert back.to_dict()["by_rule"] == [
        {
            "name": "rate",
            "lines": 2,
            "before_centimes": 150,
            "after_centimes": 150,
            "difference_centimes": 0,
        }
    ]
    assert [each["name"] for each in back.to_dict()["by_region"]] == ["", "04"]
