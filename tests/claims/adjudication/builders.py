"""Cases written short: what a test does not say takes an ordinary value."""

import copy
from pathlib import Path

from claims.adjudication.legislation.loader import load_law

LAW = load_law()
SHARED_CASES = Path(__file__).resolve().parents[4] / "shared" / "cases" / "adjudication.jsonl"

ORDINARY = {
    "id": "case",
    "received_date": "2026-03-20",
    "patient": {"birth_date": "1980-01-01", "relation": "self"},
    "coverage": {"scheme": "SALARIED", "rights": [["2020-01-01", None]]},
    "providers": {"P": {"sector": "PRIVATE", "agreements": [["2020-01-01", None]]}},
    "lines": [{"letter": "C", "coefficient": "1", "charged": "80.00"}],
}
ORDINARY_LINE = {"quantity": 1, "care_date": "2026-03-10", "provider": "P"}


def a_case(**given):
    """A whole case of the exchange format; lines get an id and a kind of their own."""
    case = copy.deepcopy(ORDINARY | given)
    case["lines"] = [a_line(number, line) for number, line in enumerate(case["lines"], start=1)]
    return case


def a_line(number, given):
    kind = "MEDICINE" if "base_price" in given else "ACT"
    return {"id": str(number), "kind": kind, **ORDINARY_LINE, **given}
