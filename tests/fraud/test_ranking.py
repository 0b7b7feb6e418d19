"""The ranking aid: measured on providers it never saw, kept only if it beats the plain sort."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from fraud.reference import ranking

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "fraude" / "prestataires_train.csv"


def a_file(folder: Path, *, frauds_bill_more: bool, seed: int = 7) -> Path:
    """400 providers, 50 of them frauds, who differ by what they are paid or by their peak month alone."""
    draw = np.random.default_rng(seed)
    fraud = np.arange(400) % 8 == 0
    rows = {
        "Provider": [f"P{n}" for n in range(400)],
        "total_reimbursed": draw.normal(100, 10, 400) + (60 * fraud if frauds_bill_more else 0),
        "peak": draw.normal(5, 1, 400) + (0 if frauds_bill_more else 6 * fraud),
        "Avg_ChronicCond_Cancer": fraud,
        "PotentialFraud": np.where(fraud, "Yes", "No"),
    }
    file = folder / f"set{seed}.csv"
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, object]:
    call_command("rank_providers", *arguments, "--repeats", "3", "--json")
    return dict(json.loads(capsys.readouterr().out))


def test_an_aid_that_sees_what_the_amount_hides_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path, frauds_bill_more=False)
    other = a_file(tmp_path, frauds_bill_more=False, seed=8)
    found = told(capsys, str(file), "--held-out", str(other))
    assert found["kept"] is True
    assert found["average_precision_aid"] > 2 * found["average_precision_sort"]
    assert found["held_out_aid"] > 2 * found["held_out_sort"]


def test_where_the_amount_says_it_all_the_aid_is_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = a_file(tmp_path, frauds_bill_more=True)
    found = told(capsys, str(file))
    assert found["average_precision_sort"] > 0.99
    assert found["kept"] is False
    call_command("rank_providers", str(file), "--repeats", "2")
    assert "not kept" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("aids", "is_kept"),
    [
        ((0.74, 0.73, 0.75), True),
        ((0.70, 0.71, 0.69), False),  # as good is not better
        ((0.90, 0.60, 0.63), False),  # one lucky repeat
        ((0.66, 0.67, 0.65), False),
    ],
)
def test_it_is_kept_only_beyond_the_luck_of_the_folds(
    aids: tuple[float, ...], is_kept: bool
) -> None:
    assert ranking.Opinion((0.70, 0.70, 0.70), aids).is_kept is is_kept


def test_each_provider_is_ranked_by_a_model_that_never_saw_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = ranking.read(a_file(tmp_path, frauds_bill_more=True))
    seen: list[int] = []
    real = ranking.opinion_on

    def watched(
        features: pd.DataFrame, amounts: Any, learnt: ranking.Labelled, *, seed: int
    ) -> Any:
        assert not set(features.index) & set(learnt.features.index)
        seen.extend(features.index)
        return real(features, amounts, learnt, seed=seed)

    monkeypatch.setattr(ranking, "opinion_on", watched)
    ranking.judge(known, repeats=2)
    assert sorted(seen) == sorted([*range(400)] * 2)


def test_who_the_patients_are_is_not_read(tmp_path: Path) -> None:
    known = ranking.read(a_file(tmp_path, frauds_bill_more=True))
    assert list(known.features) == ["total_reimbursed", "peak"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Provider,amount\nP1,5\n", "PotentialFraud"),
        ("Provider,total_reimbursed,PotentialFraud\nP1,5,Yes\nP1,6,No\n", "two rows"),
        ("Provider,total_reimbursed,PotentialFraud\nP1,5,Yes\nP2,6,No\n", "of each kind"),
    ],
)
def test_a_file_that_cannot_be_judged_by_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "some.csv"
    file.write_text(text)
    with pytest.raises(CommandError, match=said):
        call_command("rank_providers", str(file))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared labelled set is absent")
def test_the_aid_beats_the_sort_on_the_public_set() -> None:
    opinion = ranking.judge(ranking.read(SHARED), repeats=3)
    assert all(gain > 0 for gain in opinion.gains)
