"""The pure safety engine: the frozen pairs, names, routes, and each kind of alert."""

import csv
from collections import Counter
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from prescriptions.gateways import shipped_thesaurus
from prescriptions.rules.safety import (
    Allergy,
    Case,
    Gap,
    Kind,
    Level,
    Patient,
    Product,
    Severity,
    Thesaurus,
    Treatment,
    check,
    facts,
    highest_interaction,
)
from prescriptions.rules.safety.names import components
from prescriptions.rules.safety.published import CSV_COLUMNS, ThesaurusUnreadable, entries_of_csv
from prescriptions.rules.safety.routes import Route, route_of

DAY = date(2026, 11, 20)
MONTH = timedelta(days=30)
ADULT = Patient(birth_date=date(1986, 5, 1), sex="M", allergies=(), illnesses=())
WOMAN = Patient(birth_date=date(1992, 5, 1), sex="F", pregnant=False, allergies=(), illnesses=())


def taken(
    inn: str,
    form: str = "COMPRIME",
    *,
    position: int | None = 1,
    strength: str = "",
    unit: str = "MG",
    per_day: Fraction | None = None,
    starts: date = DAY,
    days: int = 30,
) -> Treatment:
    product = Product("6110000000000", inn, inn, form, strength, unit)
    return Treatment(product, starts, starts + timedelta(days=days), per_day, position)


def report(*new: Treatment, patient: Patient = ADULT, **fields):
    return check(Case(DAY, new, patient, **fields), shipped_thesaurus())


def pairs() -> list[dict[str, str]]:
    path = Path(__file__).with_name("interaction_pairs.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def level_of(row: dict[str, str]) -> str:
    first, second = (taken(row[f"inn_{n}"], row[f"form_{n}"], position=n) for n in (1, 2))
    return highest_interaction(report(first, second)) or ""


def test_the_frozen_pairs_have_the_level_of_the_thesaurus() -> None:
    asked = pairs()
    told = [(row, level_of(row)) for row in asked]
    wrong = [
        (row["inn_1"], row["inn_2"], row["level"], level)
        for row, level in told
        if level != row["level"]
    ]

    assert len(asked) == 300
    assert len(Counter(row["level"] for row in asked)) == 6
    assert len(wrong) <= 9, wrong
    assert not [
        each for each in wrong if each[2] == Level.CONDITIONAL and each[3] == Level.CONTRAINDICATED
    ]


def test_a_conditional_entry_shows_its_conditions_and_asserts_none() -> None:
    (alert,) = report(taken("METHOTREXATE"), taken("ACIDE ACETYLSALICYLIQUE", position=2)).of(
        Kind.INTERACTION
    )

    assert (alert.level, alert.applies, alert.severity) == (
        Level.CONDITIONAL,
        None,
        Severity.MODERATE,
    )
    assert [each.level for each in alert.conditions] == [Level.CONTRAINDICATED, Level.PRECAUTION]
    assert "20 mg/semaine" in alert.conditions[0].text


@pytest.mark.parametrize(
    ("first", "second", "applies"),
    [
        ("DIAZEPAM", "PREGABALIN", Level.CONSIDER),  # ordinary sedatives
        ("DOXAZOSINE", "SILDENAFIL", Level.NOT_RECOMMENDED),  # named
        ("CLOZAPINE", "CARBAMAZEPINE", Level.NOT_RECOMMENDED),
        ("AMIODARONE", "VERAPAMIL", None),  # by the route: not decided from a name
        ("ACIDE ACETYLSALICYLIQUE", "WARFARINE", None),  # by the dose
        ("SACUBITRIL", "CANDESARTAN", None),  # « entre sacubitril et IEC »: a sartan is none
        ("CYPROTERONE", "ULIPRISTAL", None),  # by the use
    ],
)
def test_the_substance_named_in_a_condition_selects_its_level(first, second, applies) -> None:
    found = report(taken(first), taken(second, position=2)).of(Kind.INTERACTION)
    conditional = [each for each in found if each.conditions]

    assert [each.applies for each in conditional] == [applies]


def test_what_is_asserted_is_said_and_what_depends_is_shown_beside() -> None:
    """Anti-platelet with an NSAID is certain; at which dose aspirin is worse is a condition."""
    (alert,) = report(taken("ACIDE ACETYLSALICYLIQUE"), taken("NAPROXENE", position=2)).of(
        Kind.INTERACTION
    )

    assert (alert.level, alert.applies) == (Level.CONSIDER, None)
    assert alert.severity is Severity.MODERATE  # what depends is not lost in an icon
    assert [each.level for each in alert.conditions] == [Level.NOT_RECOMMENDED, Level.CONSIDER]


def test_a_conditional_entry_never_asserts_a_level() -> None:
    """Every pair of substances of every conditional entry, in a thesaurus that holds those alone."""
    shipped = shipped_thesaurus()
    entries = {
        parties: entry
        for parties, entry in shipped.entries.items()
        if entry.level is Level.CONDITIONAL
    }
    only = Thesaurus(shipped.source, shipped.classes, entries, shipped.dictionary)
    bearers = {
        side: [name for name, classes in shipped.classes.items() if side in {name, *classes}]
        for parties in entries
        for side in parties
    }
    told = {
        found.interaction.level
        for entry in entries.values()
        for one, other in product(*(bearers[side] for side in entry.parties))
        for found in only.between(Product("", one, one), Product("", other, other))
    }

    assert len(entries) > 50
    assert told == {Level.CONDITIONAL}


def test_a_substance_never_interacts_with_itself() -> None:
    found = report(taken("ISOTRETINOINE"), taken("ISOTRETINOINE", position=2))

    assert found.of(Kind.INTERACTION) == ()
    assert [each.level for each in found.of(Kind.DUPLICATE)] == [Level.NOT_RECOMMENDED]


def test_a_cream_is_told_but_does_not_interrupt() -> None:
    tablet = report(taken("KETOCONAZOLE"), taken("SIMVASTATINE", position=2))
    shampoo = report(taken("KETOCONAZOLE", "SHAMPOOING"), taken("SIMVASTATINE", position=2))

    assert [each.severity for each in tablet.of(Kind.INTERACTION)] == [Severity.CRITICAL]
    assert [(each.severity, each.local_route) for each in shampoo.of(Kind.INTERACTION)] == [
        (Severity.MODERATE, True)
    ]


def test_eye_drops_of_a_beta_blocker_are_named_by_the_thesaurus() -> None:
    found = report(taken("TIMOLOL", "COLLYRE"), taken("VERAPAMIL", position=2))

    assert found.of(Kind.INTERACTION)
    assert not any(each.local_route for each in found.of(Kind.INTERACTION))


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("VALPROATE DE SODIUM", "acide valproique"),
        ("CHLORHYDRATE DE LIDOCAINE", "lidocaine"),
        ("LEVOTHYROXINE SODIQUE", "levothyroxine"),
        ("ACIDE ASCORBIQUE (VITAMINE C)", "acide ascorbique"),
        ("COLECALCIFEROL (VITAMINE D3)", "cholecalciferol"),
        ("HYDROXYDE DE MAGNESIUM", "magnesium (hydroxyde de)"),
        ("EPINEPHRINE", "adrenaline"),
        ("INSULINE HUMAINE", "insuline"),
        ("LORATADINE", None),
        ("FLUCLOXACILLINE", None),  # not cloxacilline
        ("RIFAMYCINE", None),  # not rifampicine
        ("DELAPRIL", None),  # not enalapril
    ],
)
def test_names_of_the_list_reach_the_thesaurus_or_stay_unknown(written, known) -> None:
    assert shipped_thesaurus().find(components(written)[0]) == known


def test_every_synonym_names_a_substance_of_the_thesaurus() -> None:
    thesaurus = shipped_thesaurus()
    assert [name for name in facts().synonyms if thesaurus.find(name) is None] == []


@pytest.mark.parametrize(
    ("form", "route"),
    [
        ("COMPRIME PELLICULE", Route.ORAL),
        ("SUSPENSION POUR INHALATION BUCCALE", Route.INHALED),
        ("SOLUTION BUVABLE OU RECTALE", Route.ORAL),
        ("COLLYRE LP", Route.LOCAL),
        ("GEL", Route.LOCAL),
        ("CREME VAGINALE", Route.VAGINAL),
        ("SOLUTION INJECTABLE", Route.INJECTED),
        ("DISPOSITIF TRANSDERMIQUE", Route.TRANSDERMAL),
        ("BOULETTE", Route.UNKNOWN),
    ],
)
def test_the_form_tells_the_route(form, route) -> None:
    assert route_of(form) is route


def test_what_the_thesaurus_does_not_know_is_told() -> None:
    gaps = report(taken("LORATADINE"), taken("", position=2)).not_checked

    assert (Kind.INTERACTION, Gap.SUBSTANCE_UNKNOWN, "loratadine") in [
        (each.kind, each.gap, each.subject) for each in gaps
    ]
    assert Gap.NO_SUBSTANCE in {each.gap for each in gaps}


def test_without_a_thesaurus_the_rest_is_checked_and_the_gap_is_told() -> None:
    found = check(Case(DAY, (taken("ISOTRETINOINE"),), Patient(pregnant=True, sex="F")), None)

    assert [each.kind for each in found.alerts] == [Kind.PREGNANCY]
    assert Gap.THESAURUS_MISSING in {each.gap for each in found.not_checked}


def test_two_of_a_class_are_one_too_many() -> None:
    found = report(taken("OMEPRAZOLE"), taken("LANSOPRAZOLE", position=2)).of(Kind.DUPLICATE)

    assert [(each.level, each.pair) for each in found] == [
        (Level.PRECAUTION, ("omeprazole", "lansoprazole"))
    ]


def test_a_duplicate_that_the_thesaurus_tells_is_told_once() -> None:
    found = report(taken("DICLOFENAC"), taken("IBUPROFENE", position=2))

    assert [each.level for each in found.of(Kind.INTERACTION)] == [Level.NOT_RECOMMENDED]
    assert found.of(Kind.DUPLICATE) == ()


@pytest.mark.parametrize(
    ("allergy", "inn", "level"),
    [
        (Allergy(inn="amoxicilline"), "AMOXICILLINE / ACIDE CLAVULANIQUE", Level.CONTRAINDICATED),
        (Allergy(inn="amoxicilline"), "AMPICILLINE", Level.CONTRAINDICATED),
        (Allergy(inn="amoxicilline"), "CEFUROXIME", Level.NOT_RECOMMENDED),
        (Allergy(atc="J01C"), "AMOXICILLINE", Level.CONTRAINDICATED),
        (Allergy(inn="acide acetylsalicylique"), "IBUPROFENE", Level.CONTRAINDICATED),
        (Allergy(inn="loratadine"), "LORATADINE", Level.CONTRAINDICATED),
        (Allergy(inn="amoxicilline"), "PARACETAMOL", None),
    ],
)
def test_an_allergy_reaches_the_substance_its_class_and_what_it_crosses_to(
    allergy, inn, level
) -> None:
    patient = Patient(birth_date=ADULT.birth_date, sex="M", allergies=(allergy,), illnesses=())
    found = report(taken(inn), patient=patient).of(Kind.ALLERGY)

    assert [each.level for each in found] == ([level] if level else [])


def test_an_allergy_to_a_class_says_which_substances_have_no_class_here() -> None:
    patient = Patient(
        birth_date=ADULT.birth_date, sex="M", allergies=(Allergy(atc="J01C"),), illnesses=()
    )
    gaps = report(taken("SERTACONAZOLE"), patient=patient).not_checked

    assert (Kind.ALLERGY, Gap.NO_ATC, "sertaconazole") in [
        (each.kind, each.gap, each.subject) for each in gaps
    ]


@pytest.mark.parametrize(
    "inn", ["VALPROATE DE SODIUM", "ISOTRETINOINE", "RAMIPRIL", "WARFARINE", "METHOTREXATE"]
)
def test_pregnancy_forbids(inn) -> None:
    expecting = Patient(
        birth_date=WOMAN.birth_date, sex="F", pregnant=True, allergies=(), illnesses=()
    )
    (alert,) = report(taken(inn), patient=expecting).of(Kind.PREGNANCY)

    assert (alert.level, alert.severity) == (Level.CONTRAINDICATED, Severity.CRITICAL)
    assert alert.advice["fr"]
    assert alert.advice["ar"]
    assert report(taken(inn), patient=WOMAN).of(Kind.PREGNANCY) == ()


def test_pregnancy_unknown_is_told_for_a_woman_and_not_for_a_man() -> None:
    unknown = Patient(birth_date=WOMAN.birth_date, sex="F", allergies=(), illnesses=())

    def pregnancy_gaps(patient: Patient) -> list[Gap]:
        found = report(taken("PARACETAMOL"), patient=patient).not_checked
        return [each.gap for each in found if each.kind is Kind.PREGNANCY]

    assert pregnancy_gaps(unknown) == [Gap.PATIENT_UNKNOWN]
    assert pregnancy_gaps(ADULT) == []


def test_breast_feeding_forbids_codeine() -> None:
    feeding = Patient(
        birth_date=WOMAN.birth_date,
        sex="F",
        pregnant=False,
        breast_feeding=True,
        allergies=(),
        illnesses=(),
    )
    found = report(taken("PARACETAMOL / CODEINE"), patient=feeding).of(Kind.BREAST_FEEDING)

    assert [(each.level, each.pair) for each in found] == [(Level.CONTRAINDICATED, ("codeine",))]


@pytest.mark.parametrize(
    ("born", "told"), [(date(2014, 11, 21), True), (date(2014, 11, 20), False)]
)
def test_codeine_before_the_day_of_twelve_years(born, told) -> None:
    child = Patient(birth_date=born, sex="M", allergies=(), illnesses=())
    assert bool(report(taken("CODEINE"), patient=child).of(Kind.AGE)) is told


def test_a_long_illness_forbids_a_beta_blocker() -> None:
    asthma = Patient(birth_date=ADULT.birth_date, sex="M", allergies=(), illnesses=("J45",))

    assert [
        each.level for each in report(taken("PROPRANOLOL"), patient=asthma).of(Kind.LONG_ILLNESS)
    ] == [Level.CONTRAINDICATED]
    assert report(taken("PROPRANOLOL")).of(Kind.LONG_ILLNESS) == ()


@pytest.mark.parametrize(("per_day", "told"), [(4, False), (5, True)])
def test_the_doses_of_a_substance_add_up(per_day, told) -> None:
    plain = taken("PARACETAMOL", strength="500", per_day=Fraction(4))
    combined = taken(
        "PARACETAMOL / CODEINE",
        strength="500 / 30",
        unit="MG / MG",
        per_day=Fraction(per_day),
        position=2,
    )
    (found,) = report(plain, combined).of(Kind.MAXIMUM_DOSE) or (None,)

    assert found is None or (told and "4500 mg" in found.mechanism["fr"])
    assert (found is not None) is told


def test_a_dose_that_cannot_be_counted_is_not_checked() -> None:
    gaps = report(
        taken("PARACETAMOL", "SIROP", strength="2.4", unit="%", per_day=Fraction(3))
    ).not_checked

    assert (Kind.MAXIMUM_DOSE, Gap.DOSE_UNKNOWN) in [(each.kind, each.gap) for each in gaps]


def test_a_renewal_before_most_was_taken_is_too_early() -> None:
    def early(started_days_ago: int) -> bool:
        running = taken("METFORMINE", position=None, starts=DAY - timedelta(days=started_days_ago))
        return bool(report(taken("METFORMINE"), history=(running,)).of(Kind.EARLY_RENEWAL))

    assert early(5)
    assert early(22)
    assert not early(23)  # 75 % of 30 days
    assert not early(30)


def test_the_history_of_others_is_crossed_with_the_new_lines() -> None:
    running = taken("SIMVASTATINE", position=None, starts=DAY - timedelta(days=10))
    ended = taken("SIMVASTATINE", position=None, starts=DAY - timedelta(days=40))

    found = report(taken("CLARITHROMYCINE"), history=(running,))
    assert [each.level for each in found.of(Kind.INTERACTION)] == [Level.CONTRAINDICATED]
    assert found.of(Kind.INTERACTION)[0].positions == (1,)
    assert report(taken("CLARITHROMYCINE"), history=(ended,)).of(Kind.INTERACTION) == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "no column"),
        (
            f"{','.join(CSV_COLUMNS)}\n7,A,B,DANGER,,\n",
            "entree_id 7",
        ),
    ],
)
def test_a_file_that_is_no_thesaurus_is_refused(text, told) -> None:
    with pytest.raises(ThesaurusUnreadable, match=told):
        entries_of_csv(text)
