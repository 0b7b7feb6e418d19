"""Cases a lawyer can read and add (cases/*.yaml), and the worked cases shared with others."""

import json
import re
from pathlib import Path

import pytest
import yaml

from claims.adjudication import Reason
from claims.adjudication.batch import judge_case
from tests.claims.adjudication.builders import LAW, SHARED_CASES, a_case
from tests.claims.adjudication.naive import judge

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "adjudication.md"
FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
WRITTEN = [
    pytest.param(case, id=f"{file.stem}: {case['name']}")
    for file in FILES
    for case in yaml.safe_load(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("written", WRITTEN)
def test_written_case(written):
    assert set(written) == {"name", "reference", "facts", "expected"}
    expected = dict(written["expected"])
    lines = expected.pop("lines", None)

    decision = judge_case(a_case(**written["facts"]), LAW)

    assert {key: decision[key] for key in expected} == expected
    if lines is not None:
        found = zip(decision["lines"], lines, strict=True)
        assert [{key: line[key] for key in wanted} for line, wanted in found] == lines


@pytest.mark.parametrize("written", WRITTEN)
def test_the_second_reading_agrees_with_the_written_case(written):
    case = a_case(**written["facts"])

    assert judge(case) == judge_case(case, LAW)


def test_shared_cases_give_what_they_expect():
    if not SHARED_CASES.exists():
        pytest.skip(f"the shared worked cases are not beside this checkout: {SHARED_CASES.name}")
    cases = [json.loads(line) for line in SHARED_CASES.read_text(encoding="utf-8").splitlines()]

    assert cases
    for case in cases:
        assert judge_case(case, LAW) == case["expect"]
        assert judge(case) == case["expect"]


def test_the_document_shows_what_the_engine_answers():
    text = DOCUMENT.read_text(encoding="utf-8")
    case, answer = (
        json.loads(found) for found in re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    )

    assert judge_case(case, LAW) == answer


def test_the_document_names_every_reason():
    text = DOCUMENT.read_text(encoding="utf-8")

    assert {reason for reason in Reason if f"`{reason}`" not in text} == set()
