"""What an alarm compared, in one sentence: what was counted, how much, the threshold, how many peers."""

from math import exp
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.money import display_dirhams, display_rate

# How a figure is written: as it is, as a share, from its logarithm, from that of an amount in centimes.
PLAIN, SHARE, LOGARITHM, AMOUNT = "plain", "share", "logarithm", "amount"
COMPARED: dict[str, tuple[Any, str]] = {
    "CARE_AFTER_DEATH": (gettext_lazy("Jours après le décès"), PLAIN),
    "CODE_JUMP": (gettext_lazy("Hausse de la part du code"), SHARE),
    "CONTROLLED_SHARE": (gettext_lazy("Part des lignes contrôlées"), SHARE),
    "COST_PER_PATIENT": (gettext_lazy("Montant par personne (DH)"), AMOUNT),
    "COUPLE": (gettext_lazy("Part des ordonnances dans cette pharmacie"), SHARE),
    "DENSE_RING": (gettext_lazy("Professionnels du réseau"), PLAIN),
    "DISPENSED_WITHOUT_PRESCRIPTION": (gettext_lazy("Boîtes délivrées"), PLAIN),
    "DOCTOR_SHOPPING": (gettext_lazy("Prescripteurs, et pharmacies"), PLAIN),
    "EARLY_REFILL": (gettext_lazy("Jours depuis la délivrance précédente"), PLAIN),
    "FAR_MEMBERS": (gettext_lazy("Part de la patientèle qui habite loin"), SHARE),
    "IN_HOSPITAL": (gettext_lazy("Jours depuis l’entrée"), PLAIN),
    "LENT_IDENTITY": (gettext_lazy("Cabinets ou pharmacies"), PLAIN),
    "LONG_DAYS": (gettext_lazy("Minutes de la plus longue journée"), PLAIN),
    "MORE_THAN_A_DAY": (gettext_lazy("Minutes d’actes dans la journée"), PLAIN),
    "NEAR_DUPLICATE": (gettext_lazy("Fois le même acte"), PLAIN),
    "NEW_DEALER": (gettext_lazy("Part de lignes chères"), SHARE),
    "NO_TRACE": (gettext_lazy("Part de visites sans trace"), SHARE),
    "ODD_HOURS": (gettext_lazy("Part d’actes à des heures inhabituelles"), SHARE),
    "OVERLAP_OF_THERAPY": (gettext_lazy("Jours de recouvrement"), PLAIN),
    "PATIENTS_PER_DAY": (gettext_lazy("Personnes par jour, aux plus fortes journées"), LOGARITHM),
    "REFILL_MILL": (gettext_lazy("Part de délivrances trop précoces"), SHARE),
    "REPEATED_AMOUNTS": (gettext_lazy("Part des montants les plus fréquents"), SHARE),
    "SAME_CARE_AGAIN": (gettext_lazy("Fois le même soin"), PLAIN),
    "STOCK_AT_HOME": (gettext_lazy("Jours d’avance"), PLAIN),
    "STOLEN_KEY": (gettext_lazy("Demandes ou ordonnances inattendues"), PLAIN),
    "TWO_PLACES": (gettext_lazy("Kilomètres"), PLAIN),
    "TYPING_BURST": (gettext_lazy("Demandes signées en quelques minutes"), PLAIN),
    "UNBUNDLING": (gettext_lazy("Personnes avec ce couple d’actes"), PLAIN),
    "UPCODING": (gettext_lazy("Part de ce code parmi les actes"), SHARE),
    "VISITS_PER_PATIENT": (gettext_lazy("Jours de soin par personne"), LOGARITHM),
    "VOLUME_SPIKE": (gettext_lazy("Hausse des visites, en racines"), PLAIN),
}
OTHERWISE = (gettext_lazy("Constaté"), PLAIN)


def compared(alarm: Any) -> str:
    """The sentence of an alarm; nothing when it compared nothing."""
    if not alarm.observed:
        return ""
    what, form = COMPARED.get(alarm.rule, OTHERWISE)
    said = _("%(what)s : %(observed)s ; seuil : %(threshold)s.") % {
        "what": what,
        "observed": _written(alarm.observed, form),
        "threshold": _written(alarm.threshold, form),
    }
    if alarm.peers is None:
        return said
    return f"{said} {_('Comparé à %(n)s pairs.') % {'n': alarm.peers}}"


def _written(text: str, form: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text
    if form == SHARE:
        return display_rate(round(number * 10_000)) if number >= 0 else _plain(number)
    if form == AMOUNT:
        return display_dirhams(round(exp(number)))
    return _plain(exp(number) if form == LOGARITHM else number)


def _plain(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".").replace(".", ",")
