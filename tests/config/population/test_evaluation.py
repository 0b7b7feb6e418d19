"""The command, on a country small enough for every run of the suite; and on files other hands may write."""

import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.core.management import CommandError, call_command

STEPS = (
    45  # days between two nights: enough to meet every path, few enough for every run of the suite
)
KEYS = {
    "facts_recall",
    "facts_precision",
    "schemes_recall",
    "review_share",
    "precision_at_100",
    "honest_oddities_held",
    "by_rule",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    call_command(
        "seed_population",
        members=1_500,
        providers=200,
        claims=4_000,
        seed=9_004,
        directory=folder,
        stdout=StringIO(),
        stderr=StringIO(),
    )
    return folder


def judge(folder: Path, **options: Any) -> dict[str, Any]:
    told = StringIO()
    call_command(
        "evaluate_fraud",
        population=folder,
        json=True,
        step_days=STEPS,
        stdout=told,
        stderr=StringIO(),
        **options,
    )
    return dict(json.loads(told.getvalue()))


@pytest.fixture(scope="module")
def judged(small: Path) -> dict[str, Any]:
    return judge(small)


def test_every_key_of_the_issue_is_told(judged: dict[str, Any]) -> None:
    assert set(judged) >= KEYS
    assert judged["claims"] == 4_000


def test_facts_are_all_seen_and_nothing_else_is_called_a_fact(judged: dict[str, Any]) -> None:
    assert judged["facts_recall"] == 1.0
    assert judged["facts_precision"] >= 0.999
    assert all(judged["by_scheme"][name] == 1.0 for name in ("REPLAY", "AFTER_DEATH"))


def test_without_labels_only_shares_are_told(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "unlabelled"
    shutil.copytree(small, folder)
    (folder / "labels.csv").unlink()
    told = judge(folder, until=pd.Timestamp("2025-02-28").date())
    assert not set(told) & (KEYS - {"review_share"})
    assert told["review_share"] > 0


def test_the_replay_stops_where_it_is_asked(small: Path) -> None:
    told = judge(small, until=pd.Timestamp("2025-03-31").date())
    assert 500 < told["claims"] < 2_000


def test_files_of_another_hand_are_read(
    small: Path, judged: dict[str, Any], tmp_path: Path
) -> None:
    """Rows in disorder, no hour of care, no practice, no stay, codes nobody knows: facts are the same."""
    folder = tmp_path / "other"
    shutil.copytree(small, folder)
    (folder / "stays.csv").unlink()
    (folder / "oddities.csv").unlink()
    for path in folder.glob("*.csv"):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False).sample(frac=1, random_state=1)
        for column in {"started_at", "practice", "device", "letter", "coefficient"} & set(rows):
            rows[column] = ""
        if path.stem == "claim_lines":
            analyses = rows["code"] == "NFS"
            rows.loc[analyses, "code"] = "INCONNU"
        rows.to_csv(path, index=False)
    told = judge(folder)
    assert told["facts_recall"] == 1.0
    assert told["honest_oddities_held"] is None
    assert told["claims"] == judged["claims"]


def test_a_folder_that_is_no_population_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"providers\.csv ne peut pas être lu"):
        call_command("evaluate_fraud", population=tmp_path, stdout=StringIO(), stderr=StringIO())
