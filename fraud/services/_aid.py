"""The ranking aid of the night: learnt from decided cases, kept only if it beats the sort by amount.

It decides nothing and opens nothing: it is an order beside another. Only what it says is stored, as the
keys of professionals in JSON; the model is made again each night.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import numpy
import pandas

from fraud.models import NightRun, RankingAid
from fraud.rules.rule import Kind
from fraud.selectors.aid import CHARGED, billed_before, decided_providers
from fraud.selectors.cases import suspects
from fraud.selectors.rules import NAMED, desk_on, limits_on

REPEATS = 20
Billed = Mapping[UUID, Mapping[str, float]]


def judge_aid(*, run: NightRun, at: datetime, repeats: int = REPEATS) -> int:
    """Judge the aid on what people decided, and rank those with alarms by it if it is kept.

    Done once a run; returns how many were ranked.
    """
    days = limits_on(run.until)["fade_days"]
    decided = decided_providers()
    billed = billed_before({key: opened for key, (opened, _) in decided.items()}, days)
    truth = {key: decided[key][1] for key in billed}
    found: dict[str, Any] = {
        "confirmed": sum(truth.values()),
        "unfounded": len(truth) - sum(truth.values()),
        "needed": desk_on(run.until)["aid_decided"],
    }
    if min(found["confirmed"], found["unfounded"]) < found["needed"]:
        found["standing"] = RankingAid.Standing.FEW
    else:
        since = run.until - timedelta(days=days)
        seen = suspects(since, [name for name, rule in NAMED.items() if rule.kind is Kind.FACT])
        watched = billed_before(dict.fromkeys(seen, run.started_at), days)
        found |= _opinion(billed, truth, watched, repeats)
    aid, _is_new = RankingAid.objects.get_or_create(run=run, defaults={**found, "judged_at": at})
    return len(aid.ranking)


def _opinion(
    billed: Billed, truth: Mapping[UUID, bool], watched: Billed, repeats: int
) -> dict[str, Any]:
    # scikit-learn is the night's: those who serve pages do without its seconds and its memory
    from fraud.reference import ranking

    features = _table(billed)
    known = ranking.Labelled(
        features=features,
        amounts=features[CHARGED].to_numpy(),
        truth=numpy.array(list(truth.values()), dtype=bool),
    )
    opinion = ranking.judge(known, repeats=repeats)
    sort_bp, aid_bp = round(10_000 * opinion.sort), round(10_000 * opinion.aid)
    is_kept = opinion.is_kept and aid_bp > sort_bp
    found: dict[str, Any] = {
        "standing": RankingAid.Standing.KEPT if is_kept else RankingAid.Standing.BEATEN,
        "sort_bp": sort_bp,
        "aid_bp": aid_bp,
    }
    if is_kept and watched:
        rows = _table(watched)
        said = pandas.Series(ranking.opinion_on(rows, rows[CHARGED], known), index=list(watched))
        ordered = said.sort_values(ascending=False, kind="stable")
        found["ranking"] = [str(key) for key in ordered.index]
    return found


def _table(billed: Billed) -> pandas.DataFrame:
    return pandas.DataFrame(list(billed.values()))
