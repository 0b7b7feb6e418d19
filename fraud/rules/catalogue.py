"""Every rule, in the order a person reads them; and those the product has no inputs for."""

from datetime import date, timedelta
from types import ModuleType

from fraud.rules import (
    care_after_death,
    code_jump,
    controlled_share,
    cost_per_patient,
    couple,
    dense_ring,
    dispensed_without_prescription,
    doctor_shopping,
    early_refill,
    far_members,
    in_hospital,
    lent_identity,
    linked_accounts,
    long_days,
    more_than_a_day,
    near_duplicate,
    new_dealer,
    no_rights,
    no_trace,
    odd_hours,
    overlap_of_therapy,
    patients_per_day,
    refill_mill,
    repeated_amounts,
    same_care_again,
    stock_at_home,
    stolen_key,
    two_places,
    typing_burst,
    unbundling,
    upcoding,
    visits_per_patient,
    volume_spike,
)
from fraud.rules.facts import Detect, Detector
from fraud.rules.rule import NotCoded, Rule

MODULES: tuple[ModuleType, ...] = (
    same_care_again,
    care_after_death,
    no_rights,
    dispensed_without_prescription,
    in_hospital,
    more_than_a_day,
    two_places,
    near_duplicate,
    early_refill,
    overlap_of_therapy,
    stock_at_home,
    doctor_shopping,
    lent_identity,
    long_days,
    typing_burst,
    patients_per_day,
    odd_hours,
    volume_spike,
    cost_per_patient,
    upcoding,
    code_jump,
    unbundling,
    visits_per_patient,
    repeated_amounts,
    new_dealer,
    refill_mill,
    controlled_share,
    far_members,
    no_trace,
    stolen_key,
    linked_accounts,
    couple,
    dense_ring,
)
RULES: tuple[Rule, ...] = tuple(module.RULE for module in MODULES)
SQL: dict[str, str] = {module.RULE.name: module.SQL for module in MODULES}

# Who compares months of a professional with those of others need not look each night: these take turns,
# each on its night of the week (Monday's first), the dear ones apart. All others look at each day's claims.
WEEK: tuple[tuple[str, ...], ...] = (
    ("UNBUNDLING", "ODD_HOURS"),
    ("STOLEN_KEY", "LONG_DAYS"),
    ("NO_TRACE", "LINKED_ACCOUNTS"),
    ("DENSE_RING", "REFILL_MILL", "CONTROLLED_SHARE"),
    ("CODE_JUMP", "VOLUME_SPIKE", "PATIENTS_PER_DAY"),
    ("FAR_MEMBERS", "VISITS_PER_PATIENT", "COST_PER_PATIENT"),
    ("UPCODING", "NEW_DEALER", "COUPLE", "REPEATED_AMOUNTS"),
)


def rules_of(first: date, last: date) -> frozenset[str]:
    """The rules that look at these days: those of every day, and those whose turn one of them is."""
    days = min(7, (last - first).days + 1)
    turns = {name for n in range(days) for name in WEEK[(first + timedelta(days=n)).weekday()]}
    waiting = {name for night in WEEK for name in night} - turns
    return frozenset(SQL) - waiting


# What runs on each claim before any money leaves.
DETECTORS: tuple[tuple[Detector, Detect], ...] = (
    (Detector.CARE_AFTER_DEATH, care_after_death.care_after_death),
    (Detector.SAME_CARE_AGAIN, same_care_again.same_care_again),
    (Detector.MORE_THAN_A_DAY, more_than_a_day.more_than_a_day),
)

NOT_CODED: tuple[NotCoded, ...] = (
    NotCoded(
        "Couple d’actes non facturables ensemble (3), trop d’unités (4)",
        "le moteur de décision les refuse déjà d’après la loi datée (cumuls, plafonds, périodicités) ; "
        "aucune autre liste d’incompatibilités ni de maxima n’est publiée",
    ),
    NotCoded(
        "Conflit d’âge (6), de sexe (7), organe unique (23)",
        "la nomenclature publiée ne dit pas l’âge, le sexe ni l’organe d’un acte",
    ),
    NotCoded(
        "Jeton de visite et réponse de l’assuré (21)",
        "le produit ne les tient pas encore ; l’absence de trace autour du soin est lue (NO_TRACE)",
    ),
    NotCoded(
        "Benford (29)",
        "sans fraude, l’écart moyen dépasse déjà le seuil publié sur des montants libres, et presque toutes "
        "les lignes sont tarifées",
    ),
    NotCoded("Congé du prescripteur (30)", "aucun registre des congés"),
    NotCoded(
        "Vendu plus qu’acheté (32)", "ni achats du grossiste ni numéros de série systématiques"
    ),
)
