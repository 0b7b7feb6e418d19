"""The list of acts: the order's 2,316 acts without letters, and our own typed supplement."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from claims.models import Act
from claims.reference import ACTS, NGAP_COLUMNS, TYPED_COLUMNS
from core.imports.loading import Options, load_list
from core.imports.report import LinesRefused, ListWouldShrink, MissingColumns

pytestmark = pytest.mark.django_db

D750 = {
    "code": "D750",
    "label": "Couronne coulée",
    "label_ar": "تاج مصبوب",
    "letter": "DP",
    "coefficient": "50",
    "flat_tariff": "",
    "covered": "1",
    "needs_prior_approval": "1",
    "ceiling": "dental_prosthesis",
    "frequency": "",
    "chapter": "Dents",
    "source": "typed",
}
OPTICAL = D750 | {
    "code": "OPT-MONTURE",
    "letter": "",
    "coefficient": "",
    "flat_tariff": "225.00",
    "needs_prior_approval": "0",
    "ceiling": "",
    "frequency": "optical_frame",
}
NGAP_D750 = dict.fromkeys(NGAP_COLUMNS, "") | {
    "code": "D750",
    "libelle": "Couronnes coulées",
    "coefficient": "50",
    "coefficient_brut": "50 30",
    "coefficient_anesthesie": "30",
    "chapitre": "Tête",
    "groupe": "Dents",
}


@pytest.fixture
def load(write_csv, edition) -> Callable:
    def run(columns, *acts: dict[str, str], day: str = "2006-01-01", **options):
        path = write_csv(columns, *([act[column] for column in columns] for act in acts))
        return load_list(ACTS, path, edition(day), Options(**options))

    return run


def test_the_order_loads_whole_and_waits_for_letters(shared: Path, edition) -> None:
    path = shared / "nomenclature" / "ngap_177_06_actes.csv"
    report = load_list(ACTS, path, edition("2006-01-01"))
    assert (report.lines, report.new, report.refused) == (2316, 2316, [])
    assert report.warnings_by_code() == {
        "NO_KEY_LETTER": 2316,
        "ANAESTHESIA_COEFFICIENT": 715,
        "NO_COEFFICIENT": 25,
        "COEFFICIENT_NOT_READ": 101,
        "NO_LABEL": 199,
        "ZERO_COEFFICIENT": 1,
        "COEFFICIENT_CONFLICT": 1,
    }
    assert Act.objects.filter(letter="").count() == 2316
    assert not any(act.is_billable for act in Act.objects.all())
    assert Act.objects.filter(coefficient_hundredths=None).count() == 25 + 101 + 1
    assert Act.objects.filter(coefficient_hundredths=None, coefficient_text="").count() == 25
    ecg = Act.objects.get(code="H500")
    assert (ecg.coefficient_hundredths, ecg.coefficient_text) == (650, "6,5")
    again = load_list(ACTS, path, edition("2006-01-01"))
    assert (again.new, again.changed, again.ended, again.unchanged) == (0, 0, 0, 2316)


def test_an_import_without_letters_keeps_those_a_person_gave(load: Callable) -> None:
    load(TYPED_COLUMNS, D750, OPTICAL)
    report = load(NGAP_COLUMNS, NGAP_D750, day="2020-01-01")
    assert (report.changed, report.ended) == (1, 0)
    act = Act.objects.get(code="D750", period__contains=date(2026, 1, 1))
    assert (act.label, act.coefficient_text) == ("Couronnes coulées", "50 30")
    assert (act.letter, act.label_ar, act.ceiling) == ("DP", "تاج مصبوب", "dental_prosthesis")
    assert act.needs_prior_approval
    assert act.search_text == "d750 couronnes coulees تاج مصبوب tete : dents"
    first = Act.objects.get(code="D750", period__contains=date(2019, 12, 31))
    assert first.label == "Couronne coulée"
    assert Act.objects.get(code="OPT-MONTURE").period.upper is None


def test_a_blank_cell_of_the_order_says_nothing(load: Callable) -> None:
    load(TYPED_COLUMNS, D750)
    blank = dict.fromkeys(NGAP_COLUMNS, "") | {"code": "D750"}
    assert load(NGAP_COLUMNS, blank).unchanged == 1
    act = Act.objects.get()
    assert (act.label, act.coefficient_hundredths) == ("Couronne coulée", 5000)


def test_our_supplement_ends_nothing(load: Callable) -> None:
    load(NGAP_COLUMNS, NGAP_D750)
    assert load(TYPED_COLUMNS, OPTICAL, day="2020-01-01").ended == 0
    flat = Act.objects.get(code="OPT-MONTURE")
    assert (flat.flat_tariff_centimes, flat.frequency, flat.source) == (
        22_500,
        "optical_frame",
        "typed",
    )
    assert flat.is_billable


def test_a_shorter_order_is_refused(load: Callable) -> None:
    load(NGAP_COLUMNS, *(NGAP_D750 | {"code": f"D75{n}"} for n in range(4)))
    with pytest.raises(ListWouldShrink):
        load(NGAP_COLUMNS, NGAP_D750, day="2020-01-01")
    assert Act.objects.filter(period__endswith__isnull=True).count() == 4


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ({"letter": "KZ"}, "NOT_A_CHOICE"),
        ({"ceiling": "teeth"}, "NOT_A_CHOICE"),
        ({"frequency": "yearly"}, "NOT_A_CHOICE"),
        ({"coefficient": "0"}, "COEFFICIENT_ZERO"),
        ({"coefficient": "-1"}, "NOT_A_NUMBER"),
        ({"coefficient": "1.005"}, "NOT_A_NUMBER"),
        ({"flat_tariff": "1000000000000"}, "AMOUNT_IMPLAUSIBLE"),
        ({"covered": "maybe"}, "NOT_A_FLAG"),
        ({"code": ""}, "CODE_MISSING"),
        ({"code": "X" * 21}, "TEXT_TOO_LONG"),
    ],
)
def test_a_bad_act_is_refused(load: Callable, cell: dict[str, str], code: str) -> None:
    with pytest.raises(LinesRefused) as refusal:
        load(TYPED_COLUMNS, OPTICAL, D750 | cell)
    assert [(n.line, n.code) for n in refusal.value.report.refused] == [(3, code)]
    assert not Act.objects.exists()


def test_another_layout_is_refused(write_csv, edition) -> None:
    path = write_csv(["code", "nom"], ["D750", "x"])
    with pytest.raises(MissingColumns) as refusal:
        load_list(ACTS, path, edition("2006-01-01"))
    assert refusal.value.context["columns"] == (
        "libelle, coefficient, coefficient_anesthesie, coefficient_brut, chapitre, groupe, "
        "coefficients_en_conflit"
    )
