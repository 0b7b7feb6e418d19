"""Judging a file of cases, one JSON object a line. Standard library only, nothing is written."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from claims.adjudication.engine import adjudicate
from claims.adjudication.exchange import (
    CaseError,
    Json,
    case_id,
    decision_to_json,
    facts_from_case,
)
from claims.adjudication.law import Law, NoLawInForce

_BOM = b"\xef\xbb\xbf"


def judge_lines(lines: Iterable[bytes], law: Law) -> Iterator[tuple[str, bool]]:
    """For each line of a file, in order: the JSON to print, and whether the case was well formed.

    One line in, one line out, blank lines included; a malformed line answers its error and the
    next ones are still judged. Lines are bytes, so that a wrong encoding is an error of its line.
    """
    for number, line in enumerate(lines):
        answer = judge_line(line.removeprefix(_BOM) if number == 0 else line, law)
        yield json.dumps(answer), "error" not in answer


def judge_line(line: bytes, law: Law) -> Json:
    """The decision on one line of a file, or its error."""
    try:
        case = _read(line)
    except CaseError as error:
        return {"id": None, "error": str(error)}
    try:
        return judge_case(case, law)
    except (CaseError, NoLawInForce) as error:
        return {"id": case_id(case), "error": str(error)}


def judge_case(case: object, law: Law) -> Json:
    """The decision on a case, in the exchange format. Raises CaseError and NoLawInForce."""
    facts = facts_from_case(case, law)
    answer = decision_to_json(adjudicate(facts, law), "")
    return _with_ids_as_written(answer, case)


def _with_ids_as_written(answer: Json, case: Any) -> Json:
    """Ids are printed back as the case wrote them, a whole number as a number."""
    lines = [
        {**line, "id": written["id"]}
        for line, written in zip(answer["lines"], case["lines"], strict=True)
    ]
    return {**answer, "id": case["id"], "lines": lines}


def _read(line: bytes) -> Any:
    """The JSON of a line. Refuses what standard JSON has not: NaN, a key given twice."""
    try:
        return json.loads(
            line.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_unique
        )
    except UnicodeDecodeError as error:
        raise CaseError(f"the line is not UTF-8: byte {error.start + 1}") from error
    except RecursionError as error:
        raise CaseError("the line is nested too deeply") from error
    except CaseError:
        raise
    except ValueError as error:
        raise CaseError(f"the line is not JSON: {error}") from error


def _no_constant(name: str) -> Any:
    raise CaseError(f"the line is not JSON: {name} is not a JSON value")


def _unique(pairs: list[tuple[str, Any]]) -> Json:
    content: Json = {}
    for name, value in pairs:
        if name in content:
            raise CaseError(f"the line is not JSON: the key {name!r} is given twice in an object")
        content[name] = value
    return content
