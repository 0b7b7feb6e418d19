"""What a screen without network showed, beside what is paid: one sentence for who reads the claim."""

from collections.abc import Sequence
from typing import Any

from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from claims.models import Claim, ShownAmount, ShownCause
from core.languages import in_both_languages
from core.money import display_dirhams, format_dirhams

Json = dict[str, Any]


def shown_output(claim: Claim, rows: Sequence[ShownAmount]) -> Json | None:
    """What was shown of a claim and is not what today's facts give, or null where nothing differs."""
    if not rows:
        return None
    return {
        "honoured": is_honoured(rows),
        "message": in_both_languages(*sentence_of(claim, rows)),
        "lines": [
            {
                "position": row.position,
                "shown": format_dirhams(row.shown_centimes),
                "standing": format_dirhams(row.standing_centimes),
                "paid": format_dirhams(row.paid_centimes),
                "causes": [
                    {"code": code, "label": in_both_languages(ShownCause(code).label)}
                    for code in row.causes
                ],
            }
            for row in rows
        ],
    }


def is_honoured(rows: Sequence[ShownAmount]) -> bool:
    """Tell whether a claim is paid as its screen showed it."""
    return all(row.is_honoured for row in rows)


def figures_of(claim: Claim, rows: Sequence[ShownAmount]) -> dict[str, Any]:
    """Totals of the claim as shown, as it stands and as paid, as people read them, and why they part."""
    paid = claim.reimbursed_centimes
    shown = paid + sum(row.shown_centimes - row.paid_centimes for row in rows)
    standing = paid + sum(row.standing_centimes - row.paid_centimes for row in rows)
    causes = dict.fromkeys(code for row in rows for code in row.causes)
    why: Any = lazystr("")
    for place, code in enumerate(causes):
        why = format_lazy("{} ; {}" if place else "{}{}", why, ShownCause(code).label)
    return {
        "shown": display_dirhams(shown),
        "standing": display_dirhams(standing),
        "paid": display_dirhams(paid),
        "less": display_dirhams(max(0, shown - paid)),
        "more": display_dirhams(max(0, paid - shown)),
        "why": why,
    }


def sentence_of(claim: Claim, rows: Sequence[ShownAmount]) -> tuple[Any, dict[str, Any]]:
    """The sentence of a claim that was shown without network, and what fills it."""
    figures = figures_of(claim, rows)
    if is_honoured(rows):
        sentence = _(
            "Payé comme affiché hors ligne : %(paid)s DH. Les données d’aujourd’hui auraient donné "
            "%(standing)s DH (%(why)s)."
        )
    elif not claim.third_party_payment:
        sentence = _(
            "L’écran hors ligne affichait %(shown)s DH ; la décision est de %(paid)s DH (%(why)s)."
        )
    elif figures["more"] != display_dirhams(0):
        sentence = _(
            "L’écran hors ligne affichait %(shown)s DH ; la décision est de %(paid)s DH (%(why)s). Le "
            "professionnel rend %(more)s DH au patient."
        )
    else:
        sentence = _(
            "L’écran hors ligne affichait %(shown)s DH ; la décision est de %(paid)s DH (%(why)s). La "
            "différence de %(less)s DH n’est pas garantie : le professionnel en porte le risque."
        )
    return sentence, figures
