"""What a rule cannot see in an installation, and why: said on its page, never passed over."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fraud.rules.inputs import Feed, feed, missing
from fraud.rules.rule import Rule

HOME = gettext_lazy("le lieu où habite l’assuré : son adresse est un texte libre, sans territoire")
WHY: dict[str, Promise] = {
    "members.region": HOME,
    "members.latitude": HOME,
    "members.longitude": HOME,
    "claim_lines.started_at": gettext_lazy(
        "l’heure d’un acte : les documents n’en disent que le jour"
    ),
    "stays": gettext_lazy(
        "les séjours à l’hôpital : aucun document n’en dit l’entrée et la sortie"
    ),
    "acts": gettext_lazy(
        "les actes qui se répètent le même jour : la nomenclature publiée ne les dit pas"
    ),
}


@dataclass(frozen=True, slots=True)
class Sight:
    """How much a rule sees in an installation: a badge, a sentence, and what is missing, in words."""

    state: str
    label: str
    sentence: str
    missing: tuple[str, ...]


def sight(rule: Rule) -> Sight | None:
    """What a rule misses; None when it sees all it reads."""
    words = tuple(
        dict.fromkeys(str(WHY.get(each) or WHY[each.partition(".")[0]]) for each in missing(rule))
    )
    if feed(rule) is Feed.UNFED:
        text = _("Des données manquent à cette règle : elle ne voit rien ici.")
        return Sight("fix", _("ne voit rien ici"), text, words)
    if feed(rule) is Feed.PARTLY:
        text = _("Des données manquent à cette règle : elle voit en partie.")
        return Sight("equal", _("voit en partie"), text, words)
    return None
