"""The fairness clock in words: for the insured person, the provider and the office alike."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from claims import selectors
from claims.adjudication.parameters import TO_BE_CONFIRMED
from claims.rules.clock import Clock, Side, Stretch
from core.languages import Bilingual, in_both_languages

Json = dict[str, Any]

SIDE_LABELS = {
    Side.INSURER: _("CNSS"),
    Side.SYSTEM: _("calcul automatique"),
    Side.BANK: _("banque"),
    Side.PROVIDER: _("professionnel"),
    Side.INSURED: _("assuré"),
}
WHO_HAS_IT = {
    Side.INSURER: _("La CNSS a ce dossier depuis le %(day)s."),
    Side.SYSTEM: _("Le calcul automatique a ce dossier depuis le %(day)s."),
    Side.BANK: _("La banque a l’ordre de virement depuis le %(day)s."),
    Side.PROVIDER: _("La CNSS attend le professionnel depuis le %(day)s : le délai est suspendu."),
    Side.INSURED: _("La CNSS attend l’assuré depuis le %(day)s : le délai est suspendu."),
}


def clock_output(clock: Clock) -> Json:
    """A fairness clock: who has the ball since when, days used and left of the legal delay."""
    side = clock.side
    return {
        "side": {"code": side.value, "label": in_both_languages(SIDE_LABELS[side])}
        if side
        else None,
        "since": clock.since.isoformat(),
        "deadline": clock.deadline.isoformat(),
        "legal_days": clock.legal_days,
        "used_days": clock.counted_days,
        "left_days": clock.left_days,
        "state": clock_mark(clock),
        "sentence": _in_each(lambda: clock_sentence(clock)),
    }


def shown_clock(clock: Clock, *, notes: bool = False) -> Json:
    """The same for a page, in the reader's language, with the days of each side and the pauses.

    `notes` adds what was written with each pause: the office reads it, others may not.
    """
    return {
        "state": clock_mark(clock),
        "sentence": clock_sentence(clock),
        "used_days": clock.counted_days,
        "legal_days": clock.legal_days,
        "left": clock_left(clock),
        "deadline": None if clock.is_closed or clock.is_paused else clock.deadline,
        "shares": [{"label": SIDE_LABELS[side], "days": n} for side, n in clock.used.items() if n],
        "pauses": [_pause(stretch, notes=notes) for stretch in clock.pauses],
        "is_unsure": _legal_reference(clock) == TO_BE_CONFIRMED,
    }


def clock_mark(clock: Clock) -> str:
    """One of the design's five marks: late, closed in time, standing still, or running."""
    if clock.is_overdue:
        return "fix"
    if clock.is_closed:
        return "paid"
    return "held" if clock.is_paused else "equal"


def clock_left(clock: Clock) -> str:
    """Days of the legal delay that are left, in two or three words of the reader's language."""
    used, left = clock.counted_days, clock.left_days
    if clock.is_overdue:
        return ngettext("%(n)s jour de retard", "%(n)s jours de retard", -left) % {"n": -left}
    if clock.is_closed and used:
        return ngettext("clos en %(n)s jour", "clos en %(n)s jours", used) % {"n": used}
    if clock.is_closed:
        return gettext("clos le jour même")
    if left:
        return ngettext("reste %(n)s jour", "reste %(n)s jours", left) % {"n": left}
    return gettext("dernier jour")


def clock_sentence(clock: Clock) -> str:
    """Who has the ball since when, and what is left, in the reader's language."""
    if clock.side is None:
        return " ".join([_closed(clock), *([_left(clock)] if clock.is_overdue else [])])
    who = WHO_HAS_IT[clock.side] % {"day": f"{clock.since:%d/%m/%Y}"}
    return f"{who} {_left(clock)}"


def _closed(clock: Clock) -> str:
    used = clock.counted_days
    if not used:
        return gettext("Dossier clos le jour même.")
    return ngettext("Dossier clos en %(n)s jour.", "Dossier clos en %(n)s jours.", used) % {
        "n": used
    }


def _left(clock: Clock) -> str:
    left = clock.left_days
    if not left:
        return gettext("C’est le dernier jour du délai légal.")
    if left < 0:
        return ngettext(
            "Le délai légal est dépassé de %(n)s jour.",
            "Le délai légal est dépassé de %(n)s jours.",
            -left,
        ) % {"n": -left}
    return ngettext(
        "Il reste %(n)s jour du délai légal.", "Il reste %(n)s jours du délai légal.", left
    ) % {"n": left}


def _pause(stretch: Stretch, *, notes: bool) -> str:
    """When the delay stood still, for whom, and what was written with it."""
    side = stretch.turn.side
    period = f"{stretch.turn.at:%d/%m/%Y}"
    if stretch.until:
        period = f"{period} – {stretch.until:%d/%m/%Y}"
    words = ngettext("%(n)s jour d’attente", "%(n)s jours d’attente", stretch.days) % {
        "n": stretch.days
    }
    parts = [period, words, str(SIDE_LABELS[side]) if side else "", stretch.turn.note * notes]
    return " · ".join(part for part in parts if part)


def _legal_reference(clock: Clock) -> str:
    return selectors.law().at(clock.filed_on).reference("delays.settlement_days")


def _in_each(say: Callable[[], str]) -> Bilingual:
    """What `say` says in each language."""
    with override("fr"):
        french = say()
    with override("ar"):
        return Bilingual(fr=french, ar=say())
