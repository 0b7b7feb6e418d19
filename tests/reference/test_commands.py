"""The commands themselves: what they print, how they refuse, and the shipped fixtures."""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from claims.models import Act
from config.management.commands.load_demo_people import day_from
from config.management.commands.load_reference import shipped_lists
from core.imports.loading import Edition, Options, load_list
from core.models import AuditEvent
from core.numbers import is_rib
from insured.models import Entitlement, Illness, Insured, LongTermIllness, Person
from payments.models import PayeeAccount
from prescriptions.models import Medicine, MedicinePrice
from prescriptions.reference import OFFICIAL_COLUMNS
from providers.models import AgreementPeriod, Provider, Territory

pytestmark = pytest.mark.django_db

LINE = ["6118000080633", "GLUCOPHAGE", "METFORMINE", "850", "MG", "COMPRIME", "1 BOITE 30"]
PRICES = ["23.90", "14.90", "20.40", "P", "70%"]


def run(name: str, *arguments: object, **options: object) -> str:
    out = io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=out, **options)
    return out.getvalue()


def counted(output: str) -> dict[str, int]:
    """The counts of a printed account, by name."""
    lines = (line.rsplit(maxsplit=1) for line in output.splitlines())
    pairs = (words for words in lines if len(words) == 2 and words[1].isdigit())
    return {name.strip(): int(count) for name, count in pairs}


@pytest.fixture
def medicines(write_csv: Callable[..., Path]) -> Callable[..., Path]:
    def write(*lines: list[str]) -> Path:
        return write_csv(list(OFFICIAL_COLUMNS.values()), *lines)

    return write


def test_import_prints_the_difference(medicines) -> None:
    path = medicines([*LINE, *PRICES], ["6118000080634", *LINE[1:], "0.00", *PRICES[1:]])
    output = run("import_medicines", path, "--valid-from", "2014-01-01")
    assert counted(output) == {
        "lines": 2,
        "new": 2,
        "changed": 0,
        "ended": 0,
        "unchanged": 0,
        "kept": 0,
        "refused": 0,
        "warnings": 2,
        "NO_PUBLIC_PRICE:": 1,
        "EAN_CHECK_DIGIT:": 1,
    }
    assert "Warned, line 3, 6118000080634: NO_PUBLIC_PRICE, pas de prix public" in output


def test_import_writes_every_notice_to_the_report(medicines, tmp_path: Path) -> None:
    lines = [[f"61180000800{n:02d}", *LINE[1:], "0.00", *PRICES[1:]] for n in range(30)]
    report = tmp_path / "report.csv"
    output = run("import_medicines", medicines(*lines), "--valid-from=2014-01-01", report=report)
    assert output.count("NO_PUBLIC_PRICE, ") == 5
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["code"] == "NO_PUBLIC_PRICE" for row in rows) == 30
    assert rows[0].keys() == {"kind", "line", "key", "code", "message"}


def test_a_report_that_cannot_be_written_stops_before_the_import(medicines, tmp_path) -> None:
    nowhere = tmp_path / "absent" / "report.csv"
    with pytest.raises(CommandError, match="cannot be written; nothing was imported"):
        run(
            "import_medicines",
            medicines([*LINE, *PRICES]),
            "--valid-from=2014-01-01",
            report=nowhere,
        )
    assert not Medicine.objects.exists()


def test_import_refuses_with_the_line_and_writes_nothing(medicines) -> None:
    path = medicines([*LINE, "douze", *PRICES[1:]])
    out = io.StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("import_medicines", str(path), "--valid-from", "2014-01-01", stdout=out)
    assert str(refusal.value).startswith("1 ligne(s) refusée(s), rien n’a été écrit")
    assert "Refused, line 2, 6118000080633: NOT_A_NUMBER, PPV : « douze »" in out.getvalue()
    assert not Medicine.objects.exists()


def test_a_dry_run_says_so(medicines) -> None:
    path = medicines([*LINE, *PRICES])
    output = run("import_medicines", path, "--valid-from=2014-01-01", "--dry-run")
    assert "Dry run: nothing was written." in output
    assert counted(output)["new"] == 1
    assert not Medicine.objects.exists()


def test_a_day_is_asked_for_and_understood(medicines) -> None:
    path = medicines([*LINE, *PRICES])
    with pytest.raises(CommandError, match="valid-from"):
        run("import_medicines", path)
    with pytest.raises(CommandError, match="22/11/2026"):
        run("import_medicines", path, "--valid-from", "22/11/2026")


@pytest.mark.parametrize(
    "name",
    [
        "import_medicines",
        "import_acts",
        "import_illnesses",
        "import_providers",
        "import_accounts",
        "import_territory",
    ],
)
def test_every_import_refuses_a_file_that_is_no_list(name: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(CommandError, match="Colonnes absentes"):
        run(name, path, "--valid-from", "2026-01-01")


# ---- The shipped lists


def stored() -> list[tuple[object, ...]]:
    models = (Territory, Provider, Illness, Medicine, MedicinePrice, Act, PayeeAccount)
    models = (*models, AgreementPeriod, Insured, Person, Entitlement, LongTermIllness)
    rows = [row for model in models for row in model.objects.order_by("pk").values_list()]
    return [*rows, (AuditEvent.objects.count(),)]


def test_the_shipped_lists_load_once() -> None:
    first = run("load_reference")
    assert first.splitlines() == [
        "territory: 12 new, 0 unchanged, 0 kept as stored",
        "territory: 45 new, 0 unchanged, 0 kept as stored",
        "providers: 40 new, 0 unchanged, 0 kept as stored",
        "accounts: 40 new, 0 unchanged, 0 kept as stored",
        "illnesses: 49 new, 0 unchanged, 0 kept as stored",
        "medicines: 190 new, 0 unchanged, 0 kept as stored",
        "acts: 164 new, 0 unchanged, 0 kept as stored",
    ]
    before = stored()
    second = run("load_reference")
    assert [line.split(":")[1].split(",")[0] for line in second.splitlines()] == [" 0 new"] * 7
    assert stored() == before


def test_the_shipped_lists_are_balanced() -> None:
    run("load_reference")
    prices = MedicinePrice.objects.all()
    assert prices.filter(public_price_centimes=None).count() == 11
    assert prices.filter(list_rate_bp=0).count() == 34
    below = [p for p in prices if (p.public_price_centimes or 0) > p.base_price_centimes]
    assert len(below) == 57
    assert Act.objects.filter(letter="", flat_tariff_centimes=None).count() == 4
    assert set(Act.objects.exclude(letter="").values_list("letter", flat=True)) == {
        *("C", "Cs", "CsC", "CNPSY", "V", "Vs", "VNPSY", "AMM", "AMY", "AMO"),
        *("K", "Kc", "Z", "P", "D", "DP", "B"),
    }
    assert not Illness.objects.filter(category="ALD").exclude(rate_bp=None).exists()
    assert not Illness.objects.filter(category="ALC").exclude(rate_bp=10_000).exists()
    assert Provider.objects.filter(agreements=None).count() == 1
    assert AgreementPeriod.objects.filter(period__endswith__isnull=False).count() == 1
    assert all(is_rib(rib) for rib in PayeeAccount.objects.values_list("rib", flat=True))
    assert not MedicinePrice.objects.filter(source="").exists()
    assert not Act.objects.filter(source="").exists()


def test_a_person_s_mapping_survives_the_next_start() -> None:
    run("load_reference")
    Act.objects.filter(code="R404").update(letter="K")
    assert "1 kept as stored" in run("load_reference")
    assert Act.objects.get(code="R404").letter == "K"


def test_a_later_list_is_left_alone(write_csv, edition: Callable[[str], Edition]) -> None:
    run("load_reference")
    medicines = next(each for each in shipped_lists() if each.published.name == "medicines")
    path = write_csv(list(OFFICIAL_COLUMNS.values()), [*LINE, *PRICES])
    load_list(medicines.published, path, edition("2026-01-01"), Options(allow_shrink=True))
    before = stored()
    assert "medicines: a later edition is loaded, kept" in run("load_reference")
    assert stored() == before


def test_the_official_list_agrees_with_what_we_typed(shared: Path) -> None:
    run("load_reference")
    path = shared / "medicaments" / "cnops_2014_ref_des_medicaments.csv"
    counts = counted(run("import_medicines", path, "--valid-from", "2014-01-01"))
    assert (counts["new"], counts["changed"], counts["ended"]) == (5727, 0, 0)
    assert counts["unchanged"] == 190
    order = shared / "nomenclature" / "ngap_177_06_actes.csv"
    counts = counted(run("import_acts", order, "--valid-from", "2006-01-27"))
    assert (counts["ended"], counts["refused"]) == (0, 0)
    today = Act.objects.filter(period__contains=date(2026, 1, 1))
    assert today.filter(letter="DP").count() == 11
    assert not Act.objects.filter(code="C", period__endswith__isnull=False).exists()


# ---- The invented people


def test_the_invented_people_load_once(settings) -> None:
    settings.DEMO_LOGINS = True
    run("load_reference")
    assert run("load_demo_people") == "households: 19 new, 38 persons in the file\n"
    before = stored()
    assert run("load_demo_people") == "households: 0 new, 38 persons in the file\n"
    assert stored() == before
    assert all(is_rib(rib) for rib in PayeeAccount.objects.values_list("rib", flat=True))
    fatima = Person.objects.get(cin="BE410025")
    assert [(g.code, g.rate_bp) for g in fatima.illnesses.all()] == [("E11", 9000)]
    assert Person.objects.exclude(death_date=None).get().last_name == "Benjelloun"
    closed = Entitlement.objects.filter(period__endswith__isnull=False)
    assert [each.insured.registration_number for each in closed] == ["900000106"]
    assert Person.objects.filter(insured__entitlements__scheme="TADAMON").count() == 5
    assert Person.objects.filter(first_name="ⵜⵉⵍⵉⵍⴰ").exists()


def test_the_invented_people_are_refused_in_production(settings) -> None:
    settings.DEMO_LOGINS = False
    before = stored()
    with pytest.raises(CommandError) as refusal:
        run("load_demo_people")
    assert str(refusal.value) == (
        "Invented people are for a demonstration: DEBUG=0 refuses them. Nothing was written."
    )
    assert stored() == before


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2000-02-29", date(2000, 2, 29)),
        ("-3y-12d", date(2023, 11, 10)),
        ("-21y+1d", date(2005, 11, 23)),
        ("-90d", date(2026, 8, 24)),
        ("+2y", date(2028, 11, 22)),
    ],
)
def test_days_are_written_from_today(text: str, expected: date) -> None:
    assert day_from(text, date(2026, 11, 22)) == expected


def test_a_day_that_is_none_stops_the_load() -> None:
    with pytest.raises(ValueError, match="yesterday"):
        day_from("yesterday", date(2026, 11, 22))
