"""The one engine in a real browser: its answers are the server's own, byte for byte; so are searches.

Printed: start of the engine, milliseconds a case whatever is captured.
"""

import json
import sys

import pytest

from claims.adjudication.batch import judge_lines
from core import clock
from sync.services import make_pack
from tests import world
from tests.claims.adjudication.builders import LAW, SHARED_CASES
from tests.claims.adjudication.random_cases import random_cases

pytestmark = pytest.mark.journey

RANDOM = 2_000
BATCH = 250
LOAD = """async () => {
  const pack = await import("/static/js/offline/pack.js");
  await pack.ensurePack();
  const { engine } = await import("/static/js/offline/estimate.js");
  return (await engine())?.started ?? null;
}"""
JUDGE = """async (lines) => {
  const { engine } = await import("/static/js/offline/estimate.js");
  return (await engine()).ask({ judge: lines });
}"""
PAGE = "/postes/hors-ligne/"


def made():
    return make_pack(by="system:test", at=clock.now())


@pytest.fixture
def doctor(transactional_db):
    world.act("C")
    return world.practice()


def lines_of_cases():
    shared = SHARED_CASES.read_text(encoding="utf-8").splitlines() if SHARED_CASES.exists() else []
    malformed = ['{"id": 1}', "nothing", '{"id": "é", "id": 2}']
    return [*shared, *malformed, *map(json.dumps, random_cases("browser", RANDOM))]


def test_every_case_is_judged_as_on_the_server(open_page, doctor, capsys):
    made()
    page = open_page(doctor.user)
    page.goto(PAGE)
    started = page.evaluate(LOAD)
    lines = lines_of_cases()

    answers, spent = [], 0.0
    for first in range(0, len(lines), BATCH):
        told = page.evaluate(JUDGE, lines[first : first + BATCH])
        answers += told["answers"]
        spent += told["ms"]

    with capsys.disabled():
        start, each = f"{started['ms']} ms to start", f"{spent / len(lines):.3f} ms a case"
        sys.stdout.write(
            f"\nengine: {start}, Python {started['python']}, {len(lines)} cases, {each}\n"
        )
    assert started["law"] == LAW.digest
    assert answers == [
        answer for answer, _good in judge_lines((line.encode() for line in lines), LAW)
    ]
    assert len(lines) > RANDOM
