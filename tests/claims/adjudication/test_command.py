"""``adjudicate_cases FILE``: in order, a line a case, and no database."""

import json
import shutil
import subprocess
import sys
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from claims.adjudication.legislation.loader import LEGISLATION
from tests.claims.adjudication.builders import SHARED_CASES, a_case


@pytest.fixture
def cases_file(tmp_path):
    def write(*lines):
        file = tmp_path / "cases.jsonl"
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        return file

    return write


def good(name):
    return json.dumps(a_case() | {"id": name}).encode()


def run(file):
    """Printed answers, and the error that ended the command. No database mark: none is touched."""
    printed = StringIO()
    try:
        call_command("adjudicate_cases", str(file), stdout=printed)
    except CommandError as error:
        return [json.loads(line) for line in printed.getvalue().splitlines()], error
    return [json.loads(line) for line in printed.getvalue().splitlines()], None


def test_good_cases_are_printed_in_order(cases_file):
    answers, error = run(cases_file(good("one"), good("two"), good("three")))

    assert [answer["id"] for answer in answers] == ["one", "two", "three"]
    assert error is None


def test_a_bad_line_gives_status_one_after_all_lines(cases_file):
    answers, error = run(cases_file(good("one"), b"oops", good("three")))

    assert [answer["id"] for answer in answers] == ["one", None, "three"]
    assert error.returncode == 1
    assert str(error) == "1 malformed line(s)"


def test_a_care_day_without_law_is_an_answer_and_its_neighbours_are_judged(
    cases_file, settings, tmp_path
):
    folder = tmp_path / "law"
    shutil.copytree(LEGISLATION, folder)
    rate = folder / "rates" / "standard_act.yaml"
    rate.write_text(rate.read_text(encoding="utf-8").replace("0001-01-01", "2030-01-01"))
    settings.LAW_DIR = str(folder)
    later = a_case() | {"id": "later", "received_date": "2030-02-10"}
    later["lines"] = [line | {"care_date": "2030-02-01"} for line in later["lines"]]

    answers, error = run(cases_file(good("one"), json.dumps(later).encode()))

    day = a_case()["lines"][0]["care_date"]
    said = f"no value of rates.standard_act is in force on {day}"
    assert answers[0] == {"id": "one", "error": said}
    assert answers[1]["outcome"] == "approved"
    assert error.returncode == 1


def test_a_missing_file_is_said(tmp_path):
    answers, error = run(tmp_path / "nowhere.jsonl")

    assert answers == []
    assert "nowhere.jsonl cannot be read" in str(error)


def test_a_folder_is_not_a_file_of_cases(tmp_path):
    _answers, error = run(tmp_path)

    assert "cannot be read" in str(error)


def test_an_empty_file_prints_nothing(cases_file):
    assert run(cases_file()) == ([], None)


def test_shared_cases_are_all_right():
    if not SHARED_CASES.exists():
        pytest.skip(f"the shared worked cases are not beside this checkout: {SHARED_CASES.name}")

    answers, error = run(SHARED_CASES)

    wanted = [json.loads(line)["expect"] for line in SHARED_CASES.read_text().splitlines()]
    assert answers == wanted
    assert error is None


@pytest.mark.parametrize(
    ("lines", "status"), [([good("one")], 0), ([good("one"), b"{}", good("two")], 1)]
)
def test_the_module_judges_without_django(cases_file, lines, status):
    command = [sys.executable, "-m", "claims.adjudication", str(cases_file(*lines))]

    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == status
    assert len(done.stdout.splitlines()) == len(lines)


def test_the_module_says_what_it_cannot_read(tmp_path):
    command = [sys.executable, "-m", "claims.adjudication", str(tmp_path / "nowhere.jsonl")]

    done = subprocess.run(command, capture_output=True, text=True)

    assert done.returncode == 2
    assert "nowhere.jsonl cannot be read: No such file" in done.stderr
