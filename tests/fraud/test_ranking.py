"""The ranking aid: measured on providers it never saw, kept only if it beats the plain sort."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from fraud.reference import ranking

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "fraude" / "prestataires_train.csv"


def a_set(frauds_bill_more: bool) -> pd.DataFrame:
    draw = np.random.default_rng(7)
    fraud = np.arange(400) % 8 == 0
    amount = draw.normal(100, 10, 400) + (60 * fraud if frauds_bill_more else 0)
    return pd.DataFrame(
        {
            "Provider": [f"P{n}" for n in range(400)],
            "total_reimbursed": amount,
            "peak": draw.normal(5, 1, 400) + (0 if frauds_bill_more else 6 * fraud),
            "PotentialFraud": np.where(fraud, "Yes", "No"),
        }
    )


def test_an_aid_that_sees_what_the_amount_hides_is_kept() -> None:
    opinion = ranking.judge(a_set(frauds_bill_more=False), seed=0)
    assert opinion.aid > opinion.plain
    assert opinion.aid > 2 * opinion.plain


def test_where_the_amount_says_it_all_the_plain_sort_stays() -> None:
    opinion = ranking.judge(a_set(frauds_bill_more=True), seed=0)
    assert opinion.plain > 0.99
    assert opinion.aid <= opinion.plain


def test_a_provider_on_both_sides_of_a_fold_is_refused() -> None:
    rows = a_set(frauds_bill_more=True)
    with pytest.raises(ValueError, match="two rows"):
        ranking.judge(pd.concat([rows, rows]), seed=0)


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "some.csv"
    file.write_text("Provider,amount\nP1,5\n")
    with pytest.raises(CommandError, match="PotentialFraud"):
        call_command("rank_providers", str(file))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared labelled set is absent")
def test_the_aid_beats_the_sort_on_the_public_set() -> None:
    rows = ranking.read(SHARED)
    found = [ranking.judge(rows, seed=seed) for seed in range(2)]
    assert np.mean([each.aid for each in found]) > np.mean([each.plain for each in found])
