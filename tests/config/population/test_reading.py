"""A folder of files becomes tables; what is broken is told with its file, its line and why."""

from pathlib import Path

import duckdb
import pytest

from config.population import reading
from config.population.columns import HISTORY
from config.population.reading import Broken, TooManyBroken, read_labels, read_population
from core.imports.report import EmptyFile, FileNotReadable, ImportRefused, MissingColumns
from fraud.gateways.tables import TABLES

PROVIDERS = (
    "091000001,GENERAL_PRACTITIONER,Médecine générale,PRIVATE,R1,33.5,-7.6,2020-01-01,,,RIB1"
)
MEMBERS = "M1,F1,F,1980-02-29,,R1,33.5,-7.6,SALARIED,2020-01-01,,E11;I10,"
PRESCRIPTIONS = "P1,091000001,M1,2025-01-05T09:00:00+01:00,2025-04-05"
PRESCRIPTION_LINES = "P1,1,6118000170143,2,30,0"
CLAIMS = "C1,FSE1,091000001,M1,2025-01-05T18:00:00Z,,D1"
CLAIM_LINES = "C1,1,ACT,C,C,1,1,80.05,2025-01-05,,,"
STAYS = "091000001,M1,2025-02-01,"
ROWS = {
    "providers": PROVIDERS,
    "members": MEMBERS,
    "prescriptions": PRESCRIPTIONS,
    "prescription_lines": PRESCRIPTION_LINES,
    "claims": CLAIMS,
    "claim_lines": CLAIM_LINES,
    "stays": STAYS,
}


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(TABLES)
    return connection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in HISTORY:
        write(tmp_path, file.table, ROWS[file.table])
    return tmp_path


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BROKEN", 10_000)


def write(folder: Path, table: str, *rows: str | bytes) -> None:
    header = next(",".join(c.name for c in file.columns) for file in HISTORY if file.table == table)
    lines = [header.encode(), *(r if isinstance(r, bytes) else r.encode() for r in rows)]
    (folder / f"{table}.csv").write_bytes(b"\n".join(lines) + b"\n")


def test_a_folder_becomes_typed_rows(folder: Path, db: duckdb.DuckDBPyConnection) -> None:
    told: list[str] = []

    found = read_population(folder, db, tell=told.append)

    assert found.broken == []
    assert found.rows == dict.fromkeys(ROWS, 1)
    assert told[0] == "providers.csv: 1"
    line = db.execute(
        "select charged, coefficient::text, care_date::text, started_at, prescription_line from claim_lines"
    ).fetchone()
    assert line == (8005, "1.00", "2025-01-05", None, None)
    instants = db.execute(
        "select epoch(p.signed_at), epoch(c.submitted_at) from prescriptions p, claims c"
    ).fetchone()
    assert instants == (1736064000, 1736100000)
    assert db.execute("select speciality, practice from providers").fetchone() == (
        "Médecine générale",
        None,
    )


def test_columns_are_found_by_name(folder: Path, db: duckdb.DuckDBPyConnection) -> None:
    text = '\ufeffdischarged,note,admitted,member,provider\r\n2025-02-03,"a, b",2025-02-01,M1,091000001\r\n'
    (folder / "stays.csv").write_bytes(text.encode())

    read_population(folder, db)

    stay = db.execute("select provider, admitted::text, discharged::text from stays").fetchone()
    assert stay == ("091000001", "2025-02-01", "2025-02-03")


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        (
            "claims",
            "C2,F,091000001,M1,2025-01-05 18:00:00,,",
            "submitted_at : « 2025-01-05 18:00:00 »,",
        ),
        (
            "claims",
            "C2,F,091000001,M1,2025-13-05T18:00:00Z,,",
            "instant ISO avec son décalage attendu",
        ),
        ("claims", "C2,F,091000001,M1,2025-01-05,,", "instant ISO avec son décalage attendu"),
        ("claims", "C2,F,,M1,2025-01-05T18:00:00Z,,", "provider : vide"),
        ("claims", "C1,F,091000001,M1,2025-01-05T18:00:00Z,,", "claim : déjà lu"),
        ("claims", "C2,F,091000001", "3 cellules au lieu de 7"),
        ("claims", "C2,F,091000001,M1,2025-01-05T18:00:00Z,,,more", "8 cellules au lieu de 7"),
        ("claims", '"C2,F,091000001,M1,2025-01-05T18:00:00Z,,', "guillemet qui ne se ferme pas"),
        (
            "claims",
            b"C\xff,F,091000001,M1,2025-01-05T18:00:00Z,,",
            "octets qui ne sont pas de l’UTF-8",
        ),
        ("claims", b"C\x002,F,091000001,M1,2025-01-05T18:00:00Z,,", "octet nul"),
        ("claim_lines", "C9,1,ACT,C,C,1,1,80.00,2025-01-05,,,", "claim : inconnu"),
        ("claim_lines", "C1,2,ACTE,C,C,1,1,80.00,2025-01-05,,,", "parmi ACT, MEDICINE attendu"),
        ("claim_lines", "C1,2,ACT,C,C,1,1,-80.00,2025-01-05,,,", "montant positif en dirhams"),
        ("claim_lines", "C1,2,ACT,C,C,1,1,80.001,2025-01-05,,,", "montant positif en dirhams"),
        ("claim_lines", "C1,2,ACT,C,C,1,1.5,80.00,2025-01-05,,,", "nombre entier positif attendu"),
        ("claim_lines", "C1,2,ACT,C,C,1,1,80.00,05/01/2025,,,", "jour AAAA-MM-JJ attendu"),
        ("claim_lines", "C1,2,ACT,C,C,1,1,80.00,2025-02-29,,,", "jour AAAA-MM-JJ attendu"),
        ("claim_lines", "C1,2,ACT,C,=1+1,1,1,80.00,2025-02-28,now(),,", "started_at : « now() »"),
        ("members", "M2,,,,,,95,0,,,,,", "latitude entre -90 et 90"),
        ("members", "M2,,,,,,nan,0,,,,,", "latitude entre -90 et 90"),
        ("providers", "09,NURSE,,,,,,,,,", "parmi GENERAL_PRACTITIONER"),
        ("prescription_lines", "P9,1,611,1,1,1", "prescription : inconnu"),
    ],
)
@pytest.mark.usefixtures("lenient")
def test_a_broken_row_is_told_and_left_out(
    folder: Path, db: duckdb.DuckDBPyConnection, table: str, row: str | bytes, reason: str
) -> None:
    write(folder, table, ROWS[table], b"", row)

    found = read_population(folder, db)

    (broken,) = found.broken
    assert (broken.file, broken.line) == (f"{table}.csv", 4)
    assert reason in broken.reason
    assert found.rows == dict.fromkeys(ROWS, 1)
    assert db.execute(f"select count(*) from {table}").fetchone() == (1,)


def test_one_row_in_a_hundred_is_read_two_stop_it(
    folder: Path, db: duckdb.DuckDBPyConnection
) -> None:
    good = [f"C{n},,091000001,M1,2025-01-05T18:00:00Z,," for n in range(193)]
    write(folder, "claims", *good, "broken", "broken")
    write(folder, "claim_lines", CLAIM_LINES)
    found = read_population(folder, db)
    assert (found.lines, len(found.broken)) == (201, 2)

    write(folder, "claims", *good, "broken", "broken", "broken")
    again = duckdb.connect()
    again.execute(TABLES)
    with pytest.raises(TooManyBroken) as refused:
        read_population(folder, again)

    assert refused.value.code == "POPULATION_TOO_BROKEN"
    assert "3 ligne(s) illisible(s) sur 202" in refused.value.text()
    assert "claims.csv, 195 : 1 cellules au lieu de 7" in refused.value.text("fr")
    assert refused.value.text("ar") != refused.value.text("fr")
    assert refused.value.reading.broken[0] == Broken("claims.csv", 195, "1 cellules au lieu de 7")


@pytest.mark.parametrize(
    ("content", "refusal", "told"),
    [
        ("member,family\nM1,F1\n", MissingColumns, "birth_date"),
        ("", EmptyFile, "members.csv"),
        (None, FileNotReadable, "members.csv"),
    ],
)
def test_a_folder_that_is_no_population_is_refused(
    folder: Path,
    db: duckdb.DuckDBPyConnection,
    content: str | None,
    refusal: type[ImportRefused],
    told: str,
) -> None:
    (folder / "members.csv").unlink()
    if content is not None:
        (folder / "members.csv").write_text(content)

    with pytest.raises(refusal, match=told):
        read_population(folder, db)


def test_stays_and_labels_may_be_absent(folder: Path, db: duckdb.DuckDBPyConnection) -> None:
    (folder / "stays.csv").unlink()

    found = read_population(folder, db)

    assert "stays" not in found.rows
    assert read_labels(folder) is None


@pytest.mark.usefixtures("lenient")
def test_labels_stay_out_of_the_tables(folder: Path) -> None:
    (folder / "labels.csv").write_text(
        "scheme,instance,claim,line,provider,member\nSHOPPER,S1,,,,M1\nMAGIC,S2,,,,M1\n"
    )

    labels, broken = read_labels(folder) or pytest.fail("no labels")

    assert labels.to_dict("records") == [
        {
            "scheme": "SHOPPER",
            "instance": "S1",
            "claim": "",
            "line": "",
            "provider": "",
            "member": "M1",
        }
    ]
    assert [(each.line, "parmi PHANTOM" in each.reason) for each in broken] == [(3, True)]


def test_lines_are_numbered_across_chunks(
    folder: Path, db: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, lenient: None
) -> None:
    monkeypatch.setattr(reading, "CHUNK", 2)
    write(folder, "stays", STAYS, STAYS, STAYS, "x", STAYS, "091,M1,never,")

    found = read_population(folder, db)

    assert [(each.line, each.file) for each in found.broken] == [(5, "stays.csv"), (7, "stays.csv")]
    assert found.rows["stays"] == 4
