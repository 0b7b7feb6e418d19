"""A second opinion on the order of the list of providers: never a decision, always beside the plain sort.

Gradient boosting on provider features, mixed half and half with the rank by amount. It is measured by
cross-validation over providers on a labelled set and kept only if it beats the plain sort there.
Nothing is saved: it is fitted when asked (seconds), so no pickle is ever read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

PROVIDER, LABEL, AMOUNT = "Provider", "PotentialFraud", "total_reimbursed"
# Columns of the published set that repeat another one.
REPEATED = ("TotalReimbursementOverall", "TotalClaimCount")
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Opinion:
    """Average precision of the plain sort and of the aid, over the same held-out providers."""

    providers: int
    frauds: int
    plain: float
    aid: float


def read(file: Path) -> pd.DataFrame:
    """The labelled set; an empty amount counts for nothing. Raises KeyError without its columns."""
    rows = pd.read_csv(file)
    missing = {PROVIDER, LABEL, AMOUNT} - set(rows.columns)
    if missing:
        raise KeyError(", ".join(sorted(missing)))
    return rows.assign(**{AMOUNT: rows[AMOUNT].fillna(0)})


def judge(rows: pd.DataFrame, *, seed: int) -> Opinion:
    """Measure the aid: each provider is ranked by a model that never saw it."""
    truth = (rows[LABEL] == "Yes").to_numpy()
    features = _features(rows)
    plain, aid = [], []
    for learnt, held in _folds(rows, truth, seed):
        amounts = rows[AMOUNT].to_numpy()[held]
        with threadpool_limits(
            1
        ):  # threads that wait for each other cost more than they bring here
            model = _model(seed).fit(features.iloc[learnt], truth[learnt])
            order = mixed(model.predict_proba(features.iloc[held])[:, 1], amounts)
        plain.append(average_precision_score(truth[held], amounts))
        aid.append(average_precision_score(truth[held], order))
    return Opinion(len(rows), int(truth.sum()), float(np.mean(plain)), float(np.mean(aid)))


def mixed(opinion: Any, amounts: Any) -> Any:
    """The order of the list: half the rank by the model, half the rank by amount."""
    return pd.Series(opinion).rank().to_numpy() + pd.Series(amounts).rank().to_numpy()


def _features(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.drop(columns=[PROVIDER, LABEL, *(set(REPEATED) & set(rows.columns))])


def _folds(rows: pd.DataFrame, truth: Any, seed: int) -> Iterator[tuple[Any, Any]]:
    """One row a provider, so a fold by row is a fold by provider."""
    if rows[PROVIDER].duplicated().any():
        raise ValueError("a provider stands on two rows: it would be on both sides of a fold")
    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(rows, truth)


def _model(seed: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        max_iter=80,
        learning_rate=0.06,
        max_leaf_nodes=10,
        min_samples_leaf=15,
        l2_regularization=3,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )
