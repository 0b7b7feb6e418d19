"""What a pack's DataMatrix says, as the counter reads it; well-formed ones checked against python-stdnum."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import gs1_128

from tests.prescriptions.test_dosing import node

PARSER = Path(__file__).parents[2] / "static/js/pharmacy/gs1.js"
IN_NODE = """
import { readFileSync } from "node:fs";
import { readPack } from "file://%s";
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(readPack)));
"""
GS = "\x1d"
EAN = "6118000012825"
GTIN = f"010{EAN}"


def read(*scans: str) -> list[Any]:
    """The packs that the browser's parser reads."""
    done = subprocess.run(
        [node(), "--input-type=module", "-e", IN_NODE % PARSER],
        input=json.dumps(scans),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(done.stdout))


def pack(**said: str) -> dict[str, str | None]:
    return {"ean": EAN, "batch": None, "expires_on": None, "serial": None, **said}


@pytest.mark.parametrize(
    ("scan", "expected"),
    [
        (EAN, pack()),
        (f" {EAN} ", pack()),
        (GTIN, pack()),
        (
            f"]d2{GTIN}1727053110LOT-4{GS}21S0001",
            pack(expires_on="2027-05-31", batch="LOT-4", serial="S0001"),
        ),
        (
            f"{GTIN}21S0001{GS}10LOT4{GS}17270500",
            pack(expires_on="2027-05-31", batch="LOT4", serial="S0001"),
        ),
        (f"{GTIN}17280200", pack(expires_on="2028-02-29")),
        (f"{GTIN}1125010110A{GS}", pack(batch="A")),
        ("", None),
        ("611800001282", None),
        (f"{GTIN}17271331", None),
        (f"{GTIN}17270231", None),
        (f"{GTIN}1727", None),
        (f"{GTIN}10{'A' * 21}", None),
        (f"{GTIN}10{GS}21S", None),
        (f"{GTIN}10A{GS}10B", None),
        (f"011{EAN}", None),
        ("10LOT21S0001", None),
        (f"{GTIN}10{'A' * 300}", None),
    ],
)
def test_a_pack_is_read_or_refused_whole(scan: str, expected: Any) -> None:
    assert read(scan) == [expected]


DAYS = st.dates(date(2001, 1, 1), date(2049, 12, 31))
PLAIN = st.text("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789-", min_size=1, max_size=20)


@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(PLAIN, PLAIN, DAYS), min_size=30, max_size=60))
def test_it_agrees_with_stdnum(drawn: list[Any]) -> None:
    """One call of Node for many packs."""
    scans, expected = [], []
    for batch, serial, day in drawn:
        scan = f"{GTIN}17{day:%y%m%d}10{batch}{GS}21{serial}"
        info = gs1_128.info(scan, GS)
        scans.append(scan)
        expected.append(
            pack(batch=info["10"], serial=info["21"], expires_on=info["17"].isoformat())
        )
    assert read(*scans) == expected
