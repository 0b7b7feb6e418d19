"""A law that cannot be used stops every program with one sentence: no stack trace, nothing served."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from claims.adjudication.legislation.loader import LEGISLATION

FAULTS = {
    "unknown key": (
        "rates/standard_act.yaml",
        lambda text: text + "author: x\n",
        "unknown key 'author'",
    ),
    "missing reference": (
        "ages/child.yaml",
        lambda text: "\n".join(line for line in text.splitlines() if "reference" not in line),
        "'reference' is missing",
    ),
    "gap": (
        "delays/filing_months.yaml",
        lambda text: text + '  2027-01-01:\n    value: null\n    reference: "x"\n',
        "a gap from 2027-01-01 on",
    ),
    "duplicate": (
        "rates/tadamon_public.yaml",
        lambda text: text + text,
        "'description' is given twice",
    ),
}
PROGRAMS = {
    "manage.py check": ["manage.py", "check"],
    "manage.py migrate": ["manage.py", "migrate", "--plan"],
    "gunicorn": [
        *["-m", "gunicorn", "--no-control-socket", "--bind", "127.0.0.1:0", "config.wsgi"]
    ],
    "celery": ["-m", "celery", "-A", "config", "worker", "--pool=solo"],
    "beat": ["-m", "celery", "-A", "config", "beat", "--schedule", "unused"],
}


@pytest.fixture
def wrong_law(tmp_path: Path):
    """A copy of the law with one fault; its folder."""

    def made(fault: str) -> Path:
        name, break_it, _said = FAULTS[fault]
        folder = tmp_path / "law"
        shutil.copytree(LEGISLATION, folder)
        file = folder / name
        file.write_text(break_it(file.read_text(encoding="utf-8")), encoding="utf-8")
        return folder

    return made


def start(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "LAW_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
        },
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_stops_the_start_and_is_named(wrong_law, fault: str) -> None:
    name, _break_it, said = FAULTS[fault]

    done = start(PROGRAMS["manage.py check"], wrong_law(fault))

    assert done.returncode == 4
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("The law cannot be used, nothing was started.")
    assert name in sentence
    assert said in sentence


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_is_stopped_without_a_stack_trace(wrong_law, program: str) -> None:
    done = start(PROGRAMS[program], wrong_law("gap"))

    assert done.returncode != 0
    assert "delays/filing_months.yaml: delays.filing_months: a gap" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_another_folder_is_read_where_one_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "law"
    shutil.copytree(LEGISLATION, folder)

    assert start(PROGRAMS["manage.py check"], folder).returncode == 0
