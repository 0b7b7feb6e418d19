"""Metrics on histories so small that the answer is counted by hand."""

from datetime import date, timedelta

import pandas as pd

from config.population import metrics
from config.population.metrics import History
from config.population.replay import Sent, Trace
from fraud.gateways.warehouse import Alarm
from fraud.rules.score import Verdict

DAY = date(2025, 3, 1)
CLAIMS = ["C1", "C2", "C3", "C4", "C5", "C6"]


def claims(**days: int) -> pd.DataFrame:
    """Six claims: P1 has four of 10 dirhams, P2 two of 100; submitted on DAY plus so many days."""
    return pd.DataFrame(
        {
            "claim": CLAIMS,
            "provider": ["P1", "P1", "P1", "P1", "P2", "P2"],
            "member": ["M1", "M1", "M2", "M2", "M3", "M3"],
            "day": [DAY + timedelta(days=days.get(claim, 0)) for claim in CLAIMS],
            "amount": [1_000, 1_000, 1_000, 1_000, 10_000, 10_000],
        }
    )


def labels(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    """Labels written (scheme, instance, claim, provider, member), each on line 1."""
    columns = ["scheme", "instance", "claim", "provider", "member"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(line=["1" if claim else "" for claim in frame["claim"]])


def alarm(rule: str, **whom: str) -> Alarm:
    known = {"provider": None, "member": None, "other": None, "claim": None, "line": None} | whom
    return Alarm(
        rule=rule,
        day=DAY,
        strength=10_000,
        observed=1,
        threshold=1,
        peers=None,
        evidence="{}",
        **known,
    )


def trace(*alarms: Alarm, sent: dict[str, int] | None = None, files: object = None) -> Trace:
    made = Trace(claims=6, alarms=[(DAY, each) for each in alarms])
    for claim, day in (sent or {}).items():
        made.sent[claim] = Sent(DAY + timedelta(days=day), Verdict.REVIEW, 5_000)
    made.files = {key: DAY + timedelta(days=day) for key, day in dict(files or {}).items()}  # type: ignore[call-overload]
    return made


def test_facts_are_counted_over_claims() -> None:
    history = History(
        claims(),
        labels(
            ("REPLAY", "R", "C1", "P1", "M1"),
            ("REPLAY", "R", "C2", "P1", "M1"),
            ("AFTER_DEATH", "A", "C3", "P1", "M2"),
            ("PHANTOM", "P", "C4", "P1", "M2"),
        ),
    )
    seen = trace(
        alarm("SAME_CARE_AGAIN", claim="C1", line="1"),
        alarm("SAME_CARE_AGAIN", claim="C1", line="2"),
        alarm("CARE_AFTER_DEATH", claim="C3", line="1"),
        alarm("CARE_AFTER_DEATH", claim="C4", line="1"),
        alarm("CARE_AFTER_DEATH", claim="C5", line="1"),
        alarm("EARLY_REFILL", claim="C6", line="1"),
    )
    # Recall: C1 and C3 of C1, C2, C3. Precision: C1, C3, C4 of C1, C3, C4, C5; EARLY_REFILL is no fact.
    assert metrics.facts(history, seen) == (0.666667, 0.75)


def test_an_instance_is_found_by_a_line_in_time() -> None:
    history = History(
        claims(C2=10, C3=20, C4=30),
        labels(*(("REPLAY", "R", claim, "P1", "M1") for claim in CLAIMS[:4])),
    )
    # The third line arrives on day 20: it must be found by day 80.
    (just,) = metrics.instances(history, trace(sent={"C4": 80}))
    assert (just.began, just.deadline, just.in_time) == (DAY, DAY + timedelta(days=80), True)
    (late,) = metrics.instances(history, trace(sent={"C4": 81}))
    assert (late.found, late.in_time) == (DAY + timedelta(days=81), False)
    (never,) = metrics.instances(history, trace(sent={"C5": 1}))
    assert (never.found, never.in_time) == (None, False)


def test_statistics_have_until_the_tenth_line_or_the_last() -> None:
    history = History(
        claims(C2=10, C3=20, C4=30),
        labels(*(("UPCODING", "U", claim, "P1", "M1") for claim in CLAIMS[:4])),
    )
    (each,) = metrics.instances(history, trace(sent={"C1": 90}))
    assert (each.deadline, each.in_time) == (DAY + timedelta(days=90), True)


def test_an_instance_is_found_by_a_file_on_who_does_it() -> None:
    rows = labels(
        ("COUPLE", "K", "C1", "P1", "M1"),
        ("COUPLE", "K", "", "P1", ""),
        ("COUPLE", "K", "", "P2", ""),
        ("SHOPPER", "S", "C5", "", "M3"),
        ("SHOPPER", "S", "", "", "M3"),
    )
    history = History(claims(), rows)
    couple, shopper = metrics.instances(history, trace(files={("provider", "P2"): 5}))
    assert (couple.providers, couple.in_time) == ({"P1", "P2"}, True)
    assert (shopper.providers, shopper.members, shopper.in_time) == (set(), {"M3"}, False)
    _, shopper = metrics.instances(history, trace(files={("member", "M3"): 5}))
    assert shopper.in_time
    couple, _ = metrics.instances(history, trace(files={("member", "M1"): 5}))
    assert not couple.in_time


def test_a_file_older_than_the_scheme_finds_nothing() -> None:
    history = History(claims(), labels(("UPCODING", "U", "C1", "P1", "M1")))
    (each,) = metrics.instances(history, trace(files={("provider", "P1"): -1}))
    assert not each.in_time


def test_recall_and_delay_by_scheme() -> None:
    history = History(
        claims(),
        labels(
            ("RING", "1", "C1", "P1", ""),
            ("RING", "2", "C5", "P2", ""),
            ("SHOPPER", "3", "C6", "", "M3"),
        ),
    )
    found = metrics.instances(history, trace(sent={"C1": 4, "C6": 7}))
    assert metrics.recall_by_scheme(found) == {"RING": 0.5, "SHOPPER": 1.0}
    assert metrics.days_to_detection(found) == {"RING": 4.0, "SHOPPER": 7.0}
    assert metrics.halves(found, DAY) == {
        "even": 0.5,
        "odd": 1.0,
        "first": None,
        "second": 0.666667,
    }


def test_the_review_list_is_scored_then_sorted_by_amount() -> None:
    history = History(claims(), labels(("RING", "1", "C1", "P1", "")))
    seen = trace()
    assert metrics.by_amount(history) == ["P2", "P1"]
    assert metrics.ranked(seen, history) == ["P2", "P1"]
    seen.highest = {"P1": 3_000}
    assert metrics.ranked(seen, history) == ["P1", "P2"]
    assert metrics.precision_at(["P1", "P2"], metrics.guilty(history), top=1) == 1.0
    assert metrics.precision_at(["P1", "P2"], metrics.guilty(history), top=4) == 0.25


def test_money_is_that_of_claims_sent_then_of_files() -> None:
    history = History(
        claims(),
        labels(
            ("RING", "1", "C1", "P1", ""),
            ("RING", "1", "C2", "P1", ""),
            ("RING", "1", "C5", "P2", ""),
        ),
    )
    seen = trace(sent={"C1": 0}, files={("provider", "P2"): 3})
    assert metrics.money(history, seen) == (0.083333, 0.916667)


def test_each_rule_has_its_precision_and_its_reach() -> None:
    history = History(
        claims(), labels(("RING", "1", "C1", "P1", ""), ("SHOPPER", "2", "C6", "", "M3"))
    )
    seen = trace(
        alarm("EARLY_REFILL", claim="C1"),
        alarm("EARLY_REFILL", claim="C2"),
        alarm("COUPLE", provider="P9", other="P1"),
        alarm("DOCTOR_SHOPPING", member="M3"),
        alarm("DOCTOR_SHOPPING", member="M1"),
        alarm("DOCTOR_SHOPPING", member="M2"),
    )
    found = metrics.instances(history, seen)
    assert metrics.by_rule(history, seen, found) == {
        "COUPLE": {"alarms": 1, "precision": 1.0, "instances": 1, "recall": 0.5},
        "DOCTOR_SHOPPING": {"alarms": 3, "precision": 0.333333, "instances": 1, "recall": 0.5},
        "EARLY_REFILL": {"alarms": 2, "precision": 0.5, "instances": 1, "recall": 0.5},
    }


def test_held_is_money_stopped_not_read() -> None:
    seen = trace(sent={"C1": 0})
    seen.sent["C2"] = Sent(DAY, Verdict.HOLD, 9_000)
    seen.sent["C3"] = Sent(DAY, Verdict.REFUSE, 9_000)
    assert metrics.held(seen, ["C1", "C2", "C2", "C3", "C4"]) == 2


def test_of_nothing_there_is_no_share() -> None:
    nothing = History(claims().iloc[:0], labels().iloc[:0])
    assert metrics.facts(nothing, Trace()) == (None, None)
    assert metrics.money(nothing, Trace()) == (None, None)
