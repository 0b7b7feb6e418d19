"""The ranking aid beside the sort by amount: the place by each, or why the aid is not shown."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.money import display_rate
from fraud.models import RankingAid
from fraud.selectors.aid import last_aid, order_of


def second_opinion(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Put the aid's place beside the others in all the rows of `ranked_providers`: 1 query.

    `aid_place` counts among these rows; None for who had no alarm at the last night, or when the aid is
    not kept. Returns `is_shown`, and `words`: what the aid is worth, or why it is not shown.
    """
    aid = last_aid()
    order = order_of(aid) if aid else {}
    seen = [row for row in rows if row["provider"].pk in order]
    seen.sort(key=lambda row: order[row["provider"].pk])
    for row in rows:
        row["aid_place"] = None
    for place, row in enumerate(seen, 1):
        row["aid_place"] = place
    if aid is None or aid.standing != RankingAid.Standing.KEPT:
        return {"is_shown": False, "words": _why_not(aid)}
    words = _(
        "L’aide au classement compare chaque professionnel aux dossiers déjà décidés : précision "
        "moyenne %(aid)s, contre %(sort)s pour le montant. Elle range, elle ne décide pas."
    )
    return {"is_shown": True, "words": words % _figures(aid)}


def _why_not(aid: RankingAid | None) -> str:
    if aid is None:
        return _(
            "L’aide au classement n’a pas encore été jugée : le prochain passage de nuit le fera."
        )
    if aid.standing == RankingAid.Standing.FEW:
        return _(
            "L’aide au classement n’est pas montrée : elle apprend des dossiers décidés, il en faut "
            "%(needed)s confirmés et %(needed)s non fondés ; elle en a %(confirmed)s et %(unfounded)s."
        ) % {"needed": aid.needed, "confirmed": aid.confirmed, "unfounded": aid.unfounded}
    return _(
        "L’aide au classement n’est pas montrée : sur les dossiers décidés, elle ne range pas mieux "
        "que le montant (précision moyenne %(aid)s, contre %(sort)s)."
    ) % _figures(aid)


def _figures(aid: RankingAid) -> dict[str, str]:
    return {"aid": display_rate(aid.aid_bp or 0), "sort": display_rate(aid.sort_bp or 0)}
