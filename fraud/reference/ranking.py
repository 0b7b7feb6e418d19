"""A second opinion on the order of the list of providers: never a decision, always beside the plain sort.

Gradient boosting of shallow trees on what providers bill, mixed half and half with the rank by amount;
measured by repeated cross-validation over providers of known truth, and kept only if it beats the sort
there. No model is saved: it is fitted when asked (a tenth of a second), so that nothing is ever unpickled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import StratifiedKFold
from threadpoolctl import threadpool_limits

PROVIDER, LABEL, AMOUNT = "Provider", "PotentialFraud", "total_reimbursed"
# Columns of the published set that repeat another one, or tell who the patients are and not what is billed:
# the illnesses of a practice's patients shall not order a list of suspects.
LEFT_OUT = ("TotalReimb", "TotalClaim", "Inp_Outp_", "AvgAge", "PercDeceased", "Avg_ChronicCond_")
FOLDS, REPEATS = 5, 20


@dataclass(frozen=True, slots=True)
class Labelled:
    """Providers of known truth, a row each: what they bill, how much, and whether it was fraud."""

    features: pd.DataFrame
    amounts: Any
    truth: Any


@dataclass(frozen=True, slots=True)
class Opinion:
    """Average precision of the plain sort and of the aid on the same held-out providers, once a repeat."""

    sorts: tuple[float, ...]
    aids: tuple[float, ...]

    @property
    def sort(self) -> float:
        """The plain sort's, on average."""
        return fmean(self.sorts)

    @property
    def aid(self) -> float:
        """The aid's, on average."""
        return fmean(self.aids)

    @property
    def gains(self) -> tuple[float, ...]:
        """By how much the aid beats the sort, by repeat: both saw the same folds."""
        return tuple(aid - sort for sort, aid in zip(self.sorts, self.aids, strict=True))

    @property
    def is_kept(self) -> bool:
        """Whether the aid beats the sort by more than the luck of the folds: twice its spread."""
        return fmean(self.gains) > 2 * stdev(self.gains)


def read(file: Path) -> Labelled:
    """A file in the columns of the published set; an empty amount counts for nothing.

    Raises KeyError without its columns, ValueError when a provider stands on two rows.
    """
    rows = pd.read_csv(file)
    missing = {PROVIDER, LABEL, AMOUNT} - set(rows.columns)
    if missing:
        raise KeyError(", ".join(sorted(missing)))
    if rows[PROVIDER].duplicated().any():
        raise ValueError("a provider stands on two rows: it would be on both sides of a fold")
    unread = [name for name in rows if name in {PROVIDER, LABEL} or name.startswith(LEFT_OUT)]
    return Labelled(
        features=rows.drop(columns=unread),
        amounts=rows[AMOUNT].fillna(0).to_numpy(),
        truth=(rows[LABEL] == "Yes").to_numpy(),
    )


def judge(known: Labelled, *, repeats: int = REPEATS) -> Opinion:
    """Measure the aid beside the sort: each provider is ranked by a model that never saw it.

    Average precision is taken in each fold, then averaged: scores of different models do not compare.
    Raises ValueError when a fold would be without one kind of provider, or with fewer than 2 repeats.
    """
    if repeats < 2 or min(known.truth.sum(), (~known.truth).sum()) < FOLDS:
        raise ValueError(f"{FOLDS} providers of each kind and 2 repeats are the least to judge by")
    found = [_judge_once(known, seed) for seed in range(repeats)]
    return Opinion(tuple(sort for sort, _ in found), tuple(aid for _, aid in found))


def _judge_once(known: Labelled, seed: int) -> tuple[float, float]:
    pairs = [_compared(known, learnt, held, seed) for learnt, held in _folds(known, seed)]
    return fmean(sort for sort, _ in pairs), fmean(aid for _, aid in pairs)


def _folds(known: Labelled, seed: int) -> Iterator[tuple[Any, Any]]:
    """One row a provider, so a fold by row is a fold by provider."""
    yield from StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(
        known.features, known.truth
    )


def _compared(known: Labelled, learnt: Any, held: Any, seed: int) -> tuple[float, float]:
    learnt_from = Labelled(known.features.iloc[learnt], known.amounts[learnt], known.truth[learnt])
    held_out = Labelled(known.features.iloc[held], known.amounts[held], known.truth[held])
    return on_others(learnt_from, held_out, seed=seed)


def on_others(known: Labelled, others: Labelled, *, seed: int = 0) -> tuple[float, float]:
    """Average precision of the sort and of the aid on other providers, learnt from the known ones."""
    order = opinion_on(others.features, others.amounts, known, seed=seed)
    return (
        float(average_precision_score(others.truth, others.amounts)),
        float(average_precision_score(others.truth, order)),
    )


def opinion_on(features: pd.DataFrame, amounts: Any, known: Labelled, *, seed: int = 0) -> Any:
    """What the known providers say of these: the higher, the sooner to be looked at.

    Half is their place by the model, half their place by amount: the model alone gains as much on the
    average, and less surely (docs/fraud-design.md).
    """
    with threadpool_limits(1):  # threads that wait for each other cost more than they bring here
        model = _model(seed).fit(known.features, known.truth)
        said = model.predict_proba(features[known.features.columns])[:, 1]
    return sum(pd.Series(each).rank().to_numpy() for each in (said, amounts))


def _model(seed: int) -> HistGradientBoostingClassifier:
    """Trees of two questions: deeper ones learn the providers by heart (docs/fraud-design.md)."""
    return HistGradientBoostingClassifier(
        max_iter=120,
        learning_rate=0.05,
        max_depth=2,
        min_samples_leaf=5,
        max_features=0.3,
        early_stopping=False,
        random_state=seed,
    )
