"""`import_interactions` and `check_safety` at a terminal: what they print, and what they refuse."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from prescriptions.models import ThesaurusEdition, ThesaurusEntry, ThesaurusSubstance
from prescriptions.rules.safety.published import CLASS_COLUMNS, CSV_COLUMNS
from tests import world

pytestmark = pytest.mark.django_db


def said(*arguments: object, **options: object) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output, stderr=StringIO(), **options)
    return output.getvalue()


@pytest.fixture
def interacting() -> tuple[str, str]:
    return world.medicine(inn="SIMVASTATINE").ean, world.medicine(inn="CLARITHROMYCINE").ean


def test_the_package_is_imported_once(interacting) -> None:
    said("import_interactions")
    before = world.rows_everywhere()
    told = said("import_interactions")

    assert "1584 interactions, 1081 substances" in told
    after = world.rows_everywhere()
    assert {name for name, count in after.items() if count != before[name]} == {"core.AuditEvent"}
    assert ThesaurusEdition.objects.get().edition.isoformat() == "2020-10-20"


def test_a_file_of_one_row_a_level_is_imported(tmp_path: Path) -> None:
    entries, substances = tmp_path / "interactions.csv", tmp_path / "substances_classes.csv"
    write(
        entries,
        CSV_COLUMNS,
        [
            ("1", "Bêta", "GAMMA", "CONTRE-INDICATION", "avec X", "m"),
            ("1", "Bêta", "GAMMA", "A prendre en compte", "sinon", "m"),
            ("2", "GAMMA", "BETA", "CONTRE-INDICATION", "", "mirrored"),
        ],
    )
    write(substances, CLASS_COLUMNS, [("alpha", "bêta|delta")])

    assert "1 interactions, 1 substances" in said("import_interactions", file=entries)
    entry, substance = ThesaurusEntry.objects.get(), ThesaurusSubstance.objects.get()
    assert entry.levels == [["CONTRAINDICATED", "avec X"], ["CONSIDER", "sinon"]]
    assert (substance.name, substance.classes) == ("alpha", ["bêta", "delta"])


def test_a_wrong_file_imports_nothing(tmp_path: Path) -> None:
    path = tmp_path / "interactions.csv"
    path.write_text("a,b\n1,2\n")
    write(tmp_path / "substances.csv", CLASS_COLUMNS, [])
    before = world.rows_everywhere()

    with pytest.raises(CommandError, match=r"no column .*; nothing was imported"):
        said("import_interactions", file=path)
    assert world.rows_everywhere() == before


def test_alerts_are_printed_as_json(interacting) -> None:
    told = json.loads(said("check_safety", *interacting, age=34, sex="F", pregnant=True, json=True))

    levels = {(each["kind"], each["level"]) for each in told["alerts"]}
    assert levels == {("INTERACTION", "CONTRAINDICATED"), ("PREGNANCY", "NOT_RECOMMENDED")}
    first = told["alerts"][0]
    assert set(first["pair"]) == {"simvastatine", "clarithromycine"}
    assert "rhabdomyolyse" in first["mechanism"]["fr"]
    assert first["source"] == {
        "name": "Thésaurus des interactions médicamenteuses, ANSM",
        "edition": "2020-10-20",
    }
    assert {"kind": "MAXIMUM_DOSE", "why": "NO_TABLE", "subject": "clarithromycine"} in told[
        "not_checked"
    ]


def test_pairs_are_one_object_a_line(interacting, tmp_path: Path) -> None:
    alone = world.medicine(inn="PARACETAMOL").ean
    path = tmp_path / "pairs.csv"
    write(path, ("ean_1", "ean_2"), [interacting, (interacting[0], alone)])
    said("import_interactions")

    lines = [json.loads(line) for line in said("check_safety", pairs=path).splitlines()]
    sure = {"conditional": [], "local_route": False}
    assert lines == [
        {"ean_1": interacting[0], "ean_2": interacting[1], "level": "CONTRAINDICATED", **sure},
        {"ean_1": interacting[0], "ean_2": alone, "level": None, **sure},
    ]


def test_a_pair_shows_its_conditions_beside_what_is_asserted(tmp_path: Path) -> None:
    aspirin, naproxen, gel, methotrexate, warfarin = (
        world.medicine(inn=inn, form=form).ean
        for inn, form in (
            ("ACIDE ACETYLSALICYLIQUE", "COMPRIME"),
            ("NAPROXENE", "COMPRIME"),
            ("NAPROXENE", "GEL"),
            ("METHOTREXATE", "COMPRIME"),
            ("WARFARINE", "COMPRIME"),
        )
    )
    path = tmp_path / "pairs.csv"
    rows = [(aspirin, naproxen), (aspirin, methotrexate), (gel, warfarin)]
    write(path, ("ean_1", "ean_2"), rows)
    said("import_interactions")

    beside, alone, local = (
        json.loads(line) for line in said("check_safety", pairs=path).splitlines()
    )
    assert (beside["level"], alone["level"]) == ("CONSIDER", "CONDITIONAL")
    assert [each["level"] for each in beside["conditional"]] == ["NOT_RECOMMENDED", "CONSIDER"]
    assert "doses antiagrégantes" in beside["conditional"][1]["text"]
    assert alone["conditional"][0]["level"] == "CONTRAINDICATED"
    assert (local["level"], local["local_route"]) == ("NOT_RECOMMENDED", True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["6110000000000"], "6110000000000: no medicine of the list has this code"),
        ([], "Give codes of medicines, or --pairs FILE."),
    ],
)
def test_what_cannot_be_checked_is_refused(arguments, told) -> None:
    with pytest.raises(CommandError, match=told):
        said("check_safety", *arguments)


def test_an_unknown_code_of_a_file_is_named_with_its_line(interacting, tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    write(path, ("ean_1", "ean_2"), [interacting, (interacting[0], "6110000000000")])

    with pytest.raises(CommandError, match=r"pairs.csv, line 3: 6110000000000: no medicine"):
        said("check_safety", pairs=path)


def write(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
