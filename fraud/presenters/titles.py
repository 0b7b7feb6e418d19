"""What rules, families and the columns of their evidence are called, in both languages."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from fraud.rules.rule import Family, Kind

TITLES = {
    "SAME_CARE_AGAIN": gettext_lazy("Même soin déjà demandé"),
    "CARE_AFTER_DEATH": gettext_lazy("Soin après le décès"),
    "MORE_THAN_A_DAY": gettext_lazy("Journée de plus de 24 heures"),
    "HANDED_OVER_TWICE": gettext_lazy("Ordonnance délivrée deux fois hors ligne"),
    "NO_RIGHTS": gettext_lazy("Soin hors des droits ou de la convention"),
    "DISPENSED_WITHOUT_PRESCRIPTION": gettext_lazy("Délivré sans ordonnance valable"),
    "IN_HOSPITAL": gettext_lazy("Soin de ville pendant un séjour"),
    "TWO_PLACES": gettext_lazy("Deux soins trop éloignés"),
    "NEAR_DUPLICATE": gettext_lazy("Acte presque répété ailleurs"),
    "EARLY_REFILL": gettext_lazy("Renouvellement trop tôt"),
    "OVERLAP_OF_THERAPY": gettext_lazy("Traitements qui se chevauchent"),
    "STOCK_AT_HOME": gettext_lazy("Stock à la maison"),
    "DOCTOR_SHOPPING": gettext_lazy("Nombreux prescripteurs et pharmacies"),
    "LENT_IDENTITY": gettext_lazy("Identité prêtée"),
    "LONG_DAYS": gettext_lazy("Journées trop longues"),
    "TYPING_BURST": gettext_lazy("Demandes signées trop vite"),
    "PATIENTS_PER_DAY": gettext_lazy("Patients par jour"),
    "ODD_HOURS": gettext_lazy("Heures inhabituelles"),
    "VOLUME_SPIKE": gettext_lazy("Volume qui bondit"),
    "COST_PER_PATIENT": gettext_lazy("Coût par patient"),
    "UPCODING": gettext_lazy("Cotation plus chère que les pairs"),
    "CODE_JUMP": gettext_lazy("Cotations qui montent"),
    "UNBUNDLING": gettext_lazy("Acte découpé en parties"),
    "VISITS_PER_PATIENT": gettext_lazy("Patients revus trop souvent"),
    "REPEATED_AMOUNTS": gettext_lazy("Montants répétés"),
    "NEW_DEALER": gettext_lazy("Nouveau vendeur de biens chers"),
    "REFILL_MILL": gettext_lazy("Délivrances trop précoces"),
    "CONTROLLED_SHARE": gettext_lazy("Part de produits contrôlés"),
    "FAR_MEMBERS": gettext_lazy("Patientèle éloignée"),
    "NO_TRACE": gettext_lazy("Soins sans trace autour"),
    "STOLEN_KEY": gettext_lazy("Clé utilisée ailleurs"),
    "LINKED_ACCOUNTS": gettext_lazy("Comptes bancaires liés"),
    "COUPLE": gettext_lazy("Prescripteur et pharmacie"),
    "DENSE_RING": gettext_lazy("Réseau dense"),
}
FAMILIES = {
    Family.DUPLICATE: gettext_lazy("Répétition"),
    Family.TIME: gettext_lazy("Temps"),
    Family.DRUG: gettext_lazy("Médicament"),
    Family.PEER: gettext_lazy("Écart aux pairs"),
    Family.NETWORK: gettext_lazy("Réseau"),
    Family.IDENTITY: gettext_lazy("Identité"),
    Family.RIGHTS: gettext_lazy("Droits"),
    Family.SERIES: gettext_lazy("Évolution"),
}
KINDS = {Kind.FACT: gettext_lazy("fait"), Kind.STATISTIC: gettext_lazy("statistique")}
EVIDENCE = {
    "acts": gettext_lazy("actes"),
    "admitted": gettext_lazy("entrée"),
    "allowed": gettext_lazy("permis"),
    "amount": gettext_lazy("montant"),
    "before": gettext_lazy("précédent"),
    "care_date": gettext_lazy("soin du"),
    "claims": gettext_lazy("demandes"),
    "code": gettext_lazy("code"),
    "controlled": gettext_lazy("contrôlés"),
    "days": gettext_lazy("jours"),
    "days_before": gettext_lazy("jours délivrés"),
    "death_date": gettext_lazy("décès le"),
    "discharged": gettext_lazy("sortie"),
    "early": gettext_lazy("trop tôt"),
    "elapsed": gettext_lazy("jours écoulés"),
    "inn": gettext_lazy("DCI"),
    "km": gettext_lazy("kilomètres"),
    "lines": gettext_lazy("lignes"),
    "linked": gettext_lazy("liés"),
    "members": gettext_lazy("bénéficiaires"),
    "minutes": gettext_lazy("minutes"),
    "pharmacies": gettext_lazy("pharmacies"),
    "prescribers": gettext_lazy("prescripteurs"),
    "prescriptions": gettext_lazy("ordonnances"),
    "providers": gettext_lazy("professionnels"),
    "quantity": gettext_lazy("quantité"),
    "since": gettext_lazy("depuis"),
    "strangers": gettext_lazy("inconnus"),
    "visits": gettext_lazy("visites"),
}


def rule_title(name: str) -> str:
    """A rule's name for people; its code where nobody named it yet."""
    return str(TITLES.get(name, name))


def family_title(family: Family) -> str:
    """A family of rules, for people."""
    return str(FAMILIES.get(family, family))


def evidence_words(evidence: dict[str, Any]) -> list[tuple[str, str]]:
    """The columns of an alarm's evidence that say something to people, each with its name."""
    return [
        (str(EVIDENCE[key]), _value(value))
        for key, value in evidence.items()
        if key in EVIDENCE and value not in (None, "")
    ]


def _value(value: Any) -> str:
    try:
        return f"{date.fromisoformat(str(value)):%d/%m/%Y}"
    except ValueError:
        return str(value)
