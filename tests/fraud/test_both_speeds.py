"""The rules that run on each claim and their SQL of the night see the same claims: each other's oracle."""

from random import Random

import pytest

from fraud.rules.catalogue import DETECTORS
from fraud.rules.facts import CareFacts, CareKind, ClaimFacts, DayFacts, OtherCareFacts
from tests.fraud.histories import DRUG, History, after, noon

PROVIDERS, MEMBERS, DAYS = ("P", "Q", "R"), ("M", "N", "O"), range(4)
MINUTES = 470  # four acts make more than a day, three do not
DEATHS = {"M": after(1), "N": None, "O": None}


def drawn(seed: int) -> list[ClaimFacts]:
    """Forty claims of one line, in the order of their submission, as the detectors see each."""
    draw, told = Random(seed), []
    for n in range(40):
        is_act = draw.random() < 0.75
        line = CareFacts(
            1,
            CareKind.ACT if is_act else CareKind.MEDICINE,
            draw.choice(("A", "B", "C")) if is_act else DRUG,
            after(draw.choice(DAYS)),
            1,
        )
        told.append((f"C{n:04d}", draw.choice(PROVIDERS), draw.choice(MEMBERS), line))
    return [seen(n, told) for n in range(len(told))]


def seen(n: int, told: list[tuple[str, str, str, CareFacts]]) -> ClaimFacts:
    claim, provider, member, line = told[n]
    earlier = [
        each for each in told[:n] if each[1] == provider and each[3].care_date == line.care_date
    ]
    acts = [each for _c, _p, _m, each in [*earlier, told[n]] if each.kind == CareKind.ACT]
    days = (DayFacts(line.care_date, MINUTES * len(acts)),) if line.kind == CareKind.ACT else ()
    others = tuple(
        OtherCareFacts(
            name,
            "F" + name,
            noon(after(9), int(name[1:])),
            True,
            1,
            care.kind,
            care.code,
            care.care_date,
        )
        for name, _provider, whose, care in earlier
        if whose == member
    )
    return ClaimFacts(
        claim, f"{provider}|{member}", noon(after(9), n), DEATHS[member], (line,), others, days
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_rule_sees_the_same_claims_before_payment_and_at_night(seed: int) -> None:
    history = History()
    for provider in PROVIDERS:
        history.provider(provider)
    for member, death in DEATHS.items():
        history.member(member, death=death)
    history.tell("letters", "K", MINUTES, False)
    claims = drawn(seed)
    for n, facts in enumerate(claims):
        provider, member = facts.fse_number.split("|")
        (line,) = facts.lines
        history.care(
            provider, member, line.care_date, kind=str(line.kind), code=line.code, letter="K",
            at=noon(after(9), n),
        )  # fmt: skip
    for detector, detect in DETECTORS:
        by_claim = [facts.claim_id for facts in claims if detect(facts)]
        by_night = [who for who, *_rest in history.alarms(str(detector), {})]
        assert by_claim, f"{detector}: the history holds nothing for it"
        assert by_night == by_claim
