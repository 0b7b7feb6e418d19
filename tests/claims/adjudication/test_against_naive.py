"""The engine and a slow second reading of the page agree, byte for byte, on thousands of cases."""

import json
from collections import Counter

import pytest

from claims.adjudication import Reason
from claims.adjudication.batch import judge_case, judge_lines
from tests.claims.adjudication.builders import LAW
from tests.claims.adjudication.naive import judge
from tests.claims.adjudication.random_cases import random_cases

PER_SEED = 800
ENOUGH = 8


@pytest.mark.parametrize("seed", ["spring", "summer", "autumn"])
def test_both_readings_agree_and_every_reason_is_met(seed):
    reasons = Counter()
    for case in random_cases(seed, PER_SEED):
        decision = judge_case(case, LAW)

        assert decision == judge(case), json.dumps(case)
        reasons.update(reason for line in decision["lines"] for reason in line["reasons"])

    assert set(reasons) == set(Reason)
    assert min(reasons.values()) >= ENOUGH, reasons


def test_judging_twice_gives_the_same_bytes():
    lines = [json.dumps(case).encode() for case in random_cases("twice", 200)]

    assert list(judge_lines(lines, LAW)) == list(judge_lines(lines, LAW))
