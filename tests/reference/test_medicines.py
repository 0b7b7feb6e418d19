"""The list of medicines: the real files to the last one, and every bad line with its answer."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.db.models import Q

from core.imports.loading import Edition, Options, load_list
from core.imports.report import (
    ImportReport,
    LinesRefused,
    ListWouldShrink,
    MissingColumns,
    PastWouldChange,
)
from core.imports.versions import Extent
from core.models import AuditEvent
from prescriptions.models import Medicine, MedicinePrice
from prescriptions.reference import CNSS_COLUMNS, MEDICINES, OFFICIAL_COLUMNS

pytestmark = pytest.mark.django_db

COLUMNS = list(OFFICIAL_COLUMNS.values())
GLUCOPHAGE = {
    "CODE": "6118000080633",
    "NOM": "GLUCOPHAGE 850",
    "DCI1": "METFORMINE",
    "DOSAGE1": "850",
    "UNITE_DOSAGE1": "MG",
    "FORME": "COMPRIME PELLICULE",
    "PRESENTATION": "1 BOITE 30 COMPRIME",
    "PPV": "23.90",
    "PH": "14.90",
    "PRIX_BR": "20.40",
    "PRINCEPS_GENERIQUE": "P",
    "TAUX_REMBOURSEMENT": "70%",
}
AERIUS = GLUCOPHAGE | {"CODE": "6118000050827", "NOM": "AÉRIUS", "TAUX_REMBOURSEMENT": "0%"}
OTHERS = [GLUCOPHAGE | {"CODE": f"61180000800{n:02d}", "NOM": f"AUTRE {n}"} for n in range(10)]

Load = Callable[..., ImportReport]


@pytest.fixture
def load(write_csv, edition: Callable[[str], Edition]) -> Load:
    def run(*medicines: dict[str, str], day: str = "2014-01-01", **options: object) -> ImportReport:
        path = write_csv(COLUMNS, *(list(each.values()) for each in medicines))
        return load_list(MEDICINES, path, edition(day), Options(**options))

    return run


def stored() -> list[tuple[object, ...]]:
    """Everything an import of medicines may touch."""
    return [
        *Medicine.objects.order_by("ean").values_list(),
        *MedicinePrice.objects.order_by("medicine__ean", "period").values_list(),
        AuditEvent.objects.count(),
    ]


def prices(ean: str) -> list[tuple[date, date | None, int | None]]:
    found = MedicinePrice.objects.filter(medicine__ean=ean).order_by("period")
    return [(each.period.lower, each.period.upper, each.public_price_centimes) for each in found]


# ---- The real files


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_the_official_list_loads_whole(shared: Path, edition, suffix: str) -> None:
    path = shared / "medicaments" / f"cnops_2014_ref_des_medicaments.{suffix}"
    report = load_list(MEDICINES, path, edition("2014-01-01"))
    assert (report.lines, report.new, report.refused) == (5917, 5917, [])
    assert report.warnings_by_code() == {
        "NO_PUBLIC_PRICE": 208,
        "EAN_CHECK_DIGIT": 19,
        "NO_BASE_PRICE": 27,
        "BASE_ABOVE_PUBLIC_PRICE": 1,
    }
    assert Medicine.objects.count() == 5917
    assert MedicinePrice.objects.filter(public_price_centimes=None).count() == 208
    assert MedicinePrice.objects.filter(hospital_price_centimes=None).count() == 421
    assert MedicinePrice.objects.filter(list_rate_bp=7000).count() == 3940
    assert MedicinePrice.objects.filter(list_rate_bp=0).count() == 1977
    assert Medicine.objects.filter(ean_check_is_right=False).count() == 19
    assert Medicine.objects.filter(kind="P").count() == 3031
    glucophage = MedicinePrice.objects.get(medicine__ean="6118000080633")
    assert (glucophage.public_price_centimes, glucophage.base_price_centimes) == (2390, 2040)
    assert glucophage.medicine.search_text == (
        "glucophage 850 metformine 6118000080633 850 mg comprime pellicule"
    )


def test_a_second_run_of_the_official_list_changes_nothing(shared: Path, edition) -> None:
    folder = shared / "medicaments"
    load_list(MEDICINES, folder / "cnops_2014_ref_des_medicaments.csv", edition("2014-01-01"))
    before = stored()
    for suffix in ("csv", "xlsx"):
        path = folder / f"cnops_2014_ref_des_medicaments.{suffix}"
        report = load_list(MEDICINES, path, edition("2014-01-01"))
        assert (report.new, report.changed, report.ended, report.unchanged) == (0, 0, 0, 5917)
    assert stored() == before


def test_the_cnss_extract_merges_the_lines_of_a_combination(shared: Path, edition) -> None:
    path = shared / "medicaments" / "cnss_liste_remboursables_extrait.csv"
    report = load_list(MEDICINES, path, edition("2026-01-01"))
    assert (report.lines, report.new, report.refused, report.warnings) == (31, 27, [], [])
    plus = Medicine.objects.get(ean="6118000130819")
    assert (plus.inn, plus.strength, plus.strength_unit, plus.kind) == (
        "INDAPAMIDE / PERINDOPRIL",
        "1.25 / 4",
        "MG / MG",
        "",
    )
    fdg = MedicinePrice.objects.get(medicine__ean="6118010138546")
    assert (fdg.base_price_centimes, fdg.list_rate_bp, fdg.public_price_centimes) == (0, 0, 430_300)


def test_the_cnss_extract_does_not_erase_what_it_does_not_say(load: Load, shared, edition) -> None:
    abilify = GLUCOPHAGE | {"CODE": "6118001183203", "NOM": "ABILIFY 10 MG", "PPV": "1500.00"}
    load(abilify)
    path = shared / "medicaments" / "cnss_liste_remboursables_extrait.csv"
    load_list(MEDICINES, path, edition("2026-01-01"), Options(extent=Extent.PARTIAL))
    assert Medicine.objects.get(ean="6118001183203").kind == "P"
    assert prices("6118001183203") == [
        (date(2014, 1, 1), date(2026, 1, 1), 150_000),
        (date(2026, 1, 1), None, 120_000),
    ]


# ---- Editions


def test_a_new_edition_closes_one_version_and_opens_another(load: Load) -> None:
    load(GLUCOPHAGE, AERIUS)
    report = load(GLUCOPHAGE | {"PPV": "24.90"}, AERIUS, day="2020-06-01")
    assert (report.new, report.changed, report.ended, report.unchanged) == (0, 1, 0, 1)
    assert prices("6118000080633") == [
        (date(2014, 1, 1), date(2020, 6, 1), 2390),
        (date(2020, 6, 1), None, 2490),
    ]
    assert prices("6118000050827") == [(date(2014, 1, 1), None, 2390)]


def test_a_correction_of_the_same_day_replaces_that_version(load: Load) -> None:
    load(GLUCOPHAGE)
    key = MedicinePrice.objects.get().pk
    assert load(GLUCOPHAGE | {"PPV": "22.00"}).changed == 1
    assert prices("6118000080633") == [(date(2014, 1, 1), None, 2200)]
    assert MedicinePrice.objects.get().pk == key


def test_another_name_is_no_new_price(load: Load) -> None:
    load(GLUCOPHAGE)
    assert load(GLUCOPHAGE | {"NOM": "GLUCOPHAGE"}, day="2020-01-01").changed == 1
    assert Medicine.objects.get().name == "GLUCOPHAGE"
    assert prices("6118000080633") == [(date(2014, 1, 1), None, 2390)]


def test_what_the_new_edition_lacks_ends(load: Load) -> None:
    load(GLUCOPHAGE, *OTHERS)
    report = load(*OTHERS, day="2020-01-01")
    assert (report.ended, report.unchanged) == (1, 10)
    assert prices("6118000080633") == [(date(2014, 1, 1), date(2020, 1, 1), 2390)]


def test_what_a_correction_of_the_same_day_lacks_is_withdrawn(load: Load) -> None:
    load(GLUCOPHAGE, *OTHERS)
    assert load(*OTHERS).ended == 1
    assert prices("6118000080633") == []


def test_an_ended_medicine_may_come_back(load: Load) -> None:
    load(GLUCOPHAGE, *OTHERS)
    load(*OTHERS, day="2020-01-01")
    report = load(GLUCOPHAGE, *OTHERS, day="2022-01-01")
    assert (report.new, Medicine.objects.count()) == (1, 11)
    assert prices("6118000080633")[-1] == (date(2022, 1, 1), None, 2390)


def test_a_list_that_would_shrink_is_refused(load: Load) -> None:
    load(GLUCOPHAGE, AERIUS)
    before = stored()
    with pytest.raises(ListWouldShrink) as refusal:
        load(GLUCOPHAGE, day="2020-01-01")
    assert refusal.value.text("fr") == (
        "1 entrée(s) sur 2 prendraient fin, plus de 20 % : le fichier est-il complet ? Dites "
        "--partial s’il n’est qu’un extrait, --allow-shrink si c’est voulu. Rien n’a été écrit."
    )
    assert stored() == before
    assert load(GLUCOPHAGE, day="2020-01-01", extent=Extent.PARTIAL).ended == 0
    assert load(GLUCOPHAGE, day="2020-01-01", allow_shrink=True).ended == 1


@pytest.mark.parametrize("day", ["2013-12-31", "2000-01-01"])
def test_the_past_is_not_rewritten(load: Load, day: str) -> None:
    load(GLUCOPHAGE)
    before = stored()
    with pytest.raises(PastWouldChange) as refusal:
        load(GLUCOPHAGE | {"PPV": "1.00"}, day=day)
    assert refusal.value.text("fr") == (
        f"La liste a déjà une version au 2014-01-01 : une liste valable dès le {day} "
        "réécrirait le passé. Rien n’a été écrit."
    )
    assert stored() == before


def test_a_day_on_which_something_ended_is_past_too(load: Load) -> None:
    load(GLUCOPHAGE, *OTHERS)
    load(*OTHERS, day="2020-01-01")
    with pytest.raises(PastWouldChange):
        load(*OTHERS, day="2019-12-31")


def test_a_dry_run_tells_the_same_and_writes_nothing(load: Load) -> None:
    load(GLUCOPHAGE, *OTHERS)
    before = stored()
    changed = GLUCOPHAGE | {"PPV": "24.90"}
    report = load(changed, *OTHERS[1:], AERIUS, day="2020-01-01", dry_run=True)
    assert (report.new, report.changed, report.ended, report.unchanged) == (1, 1, 1, 9)
    assert report.written is False
    assert stored() == before


def test_an_import_leaves_one_audit_event_and_an_idle_one_none(load: Load) -> None:
    load(GLUCOPHAGE)
    event = AuditEvent.objects.get(action="import.medicines")
    assert (event.actor, event.subject_id) == ("system:test", "list:medicines")
    assert event.after["new"] == 1
    load(GLUCOPHAGE)
    assert AuditEvent.objects.filter(action="import.medicines").count() == 1


# ---- Bad lines


@pytest.mark.parametrize(
    ("cell", "code", "text"),
    [
        (
            {"PPV": "douze"},
            "NOT_A_NUMBER",
            "PPV : « douze » n’est pas un nombre positif d’au plus 2 décimales",
        ),
        (
            {"PPV": "-23.90"},
            "NOT_A_NUMBER",
            "PPV : « -23.90 » n’est pas un nombre positif d’au plus 2 décimales",
        ),
        (
            {"PH": "1000000000000"},
            "AMOUNT_IMPLAUSIBLE",
            "PH : « 1000000000000 » dépasse tout prix plausible",
        ),
        (
            {"PRIX_BR": "1.234"},
            "NOT_A_NUMBER",
            "PRIX_BR : « 1.234 » n’est pas un nombre positif d’au plus 2 décimales",
        ),
        (
            {"TAUX_REMBOURSEMENT": "170%"},
            "NOT_A_RATE",
            "TAUX_REMBOURSEMENT : « 170% » n’est pas un taux entre 0 et 100 %",
        ),
        (
            {"TAUX_REMBOURSEMENT": ""},
            "NOT_A_NUMBER",
            "TAUX_REMBOURSEMENT : «  » n’est pas un nombre positif d’au plus 4 décimales",
        ),
        ({"CODE": "611800008063"}, "EAN_FORMAT", "« 611800008063 » n’a pas 13 chiffres"),
        ({"CODE": "61180000806AB"}, "EAN_FORMAT", "« 61180000806AB » n’a pas 13 chiffres"),
        ({"NOM": ""}, "NAME_MISSING", "le médicament n’a pas de nom"),
        ({"NOM": "A" * 151}, "TEXT_TOO_LONG", "NOM : 151 caractères, 150 au plus"),
        (
            {"PRINCEPS_GENERIQUE": "X"},
            "NOT_A_CHOICE",
            "PRINCEPS_GENERIQUE : « X » n’est pas parmi P, G, ",
        ),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(
    load: Load, cell: dict[str, str], code: str, text: str
) -> None:
    load(AERIUS)
    before = stored()
    with pytest.raises(LinesRefused) as refusal:
        load(AERIUS, GLUCOPHAGE | cell, day="2020-01-01")
    assert [(n.line, n.code, n.text) for n in refusal.value.report.refused] == [(3, code, text)]
    assert refusal.value.text("fr") == (
        "1 ligne(s) refusée(s), rien n’a été écrit : corrigez le fichier, "
        "ou importez sans elles (--skip-refused)."
    )
    assert stored() == before


def test_a_refused_line_does_not_end_what_is_stored(load: Load) -> None:
    load(GLUCOPHAGE, *OTHERS)
    report = load(GLUCOPHAGE | {"PPV": "x"}, *OTHERS, day="2020-01-01", skip_refused=True)
    assert (report.ended, report.unchanged, len(report.refused)) == (0, 10, 1)
    assert prices("6118000080633") == [(date(2014, 1, 1), None, 2390)]


def test_one_code_with_two_contents_is_refused(load: Load) -> None:
    with pytest.raises(LinesRefused) as refusal:
        load(GLUCOPHAGE, GLUCOPHAGE | {"PPV": "99.00"})
    assert [(n.line, n.code, n.text) for n in refusal.value.report.refused] == [
        (3, "DUPLICATE_CODE", "ce code est aussi à la ligne 2 avec un autre contenu")
    ]
    assert stored() == [0]


def test_the_same_line_twice_is_taken_once_and_told(load: Load) -> None:
    report = load(GLUCOPHAGE, GLUCOPHAGE)
    assert (report.new, report.warnings_by_code()) == (1, {"DUPLICATE_LINE": 1})


def test_lines_of_a_combination_that_disagree_are_refused(write_csv, edition) -> None:
    one = ["6118000130819", "X", "A", "1", "MG", "C", "B", "118.00", "73.70", "118.00", "70"]
    two = [*one]
    two[2], two[7] = "B", "119.00"
    path = write_csv(list(CNSS_COLUMNS.values()), one, two)
    with pytest.raises(LinesRefused) as refusal:
        load_list(MEDICINES, path, edition("2026-01-01"))
    assert [n.code for n in refusal.value.report.refused] == ["DUPLICATE_CODE"]


def test_missing_columns_are_refused(write_csv, edition) -> None:
    path = write_csv(COLUMNS[:7], list(GLUCOPHAGE.values())[:7])
    with pytest.raises(MissingColumns) as refusal:
        load_list(MEDICINES, path, edition("2014-01-01"))
    assert refusal.value.text("fr") == (
        "Colonnes absentes de list.csv : PPV, PH, PRIX_BR, PRINCEPS_GENERIQUE, TAUX_REMBOURSEMENT."
    )
    assert stored() == [0]


def test_warnings_of_one_line(load: Load) -> None:
    hospital = GLUCOPHAGE | {"CODE": "6118000080634", "PPV": "0.00", "PH": "0", "PRIX_BR": "0"}
    report = load(hospital)
    assert report.warnings_by_code() == {
        "EAN_CHECK_DIGIT": 1,
        "NO_PUBLIC_PRICE": 1,
        "NO_BASE_PRICE": 1,
    }
    assert MedicinePrice.objects.filter(
        Q(public_price_centimes=None) & Q(hospital_price_centimes=None)
    ).exists()
