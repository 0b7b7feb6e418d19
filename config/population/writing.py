"""From a population made in numbers to the files of docs/populations.md: names, dates, dirhams.

Numbers are given in the order of instants, so that no number tells what was honest; the labels and the list
of oddities are files of their own that no rule reads.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pandas as pd

from config.population.columns import PROVIDER_KINDS
from config.population.honest.calendar import FIRST_DAY, NONE, OFFSET, Ints
from config.population.honest.country import Country
from config.population.honest.people import SCHEMES
from config.population.making import Population

_PREFIX: Final = {"PHARMACY": "092", "LABORATORY": "093", "CLINIC": "090", "HOSPITAL": "090"}
_DOCTOR: Final = "091"


def write_population(
    made: Population, folder: Path, *, tell: Callable[[str], None] = lambda _line: None
) -> None:
    """Write every file of a population, `labels.csv` and `oddities.csv` included, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    c = made.country
    names = _names(c)
    with duckdb.connect() as db:
        db.execute("set TimeZone = 'UTC'")
        for name, frame in names.items():
            db.register(name, frame)
        for table in ("prescriptions", "prescription_lines", "claims", "claim_lines", "stays"):
            rows = pd.DataFrame(c.book.table(table))
            db.register(f"{table}_rows", rows)
        for table, query in _QUERIES.items():
            path = str(folder / f"{table}.csv").replace("'", "''")
            db.execute(f"copy ({query}) to '{path}' (header true)")
            tell(f"{table}.csv")
        _write_truth(made, names, folder)
    tell("labels.csv, oddities.csv")


def _names(c: Country) -> dict[str, pd.DataFrame]:
    """How each position is called in the files."""
    shuffle = np.random.default_rng(c.book.sizes["claims"]).permutation
    return {
        "provider": _providers(c, shuffle(len(c.providers))),
        "member": _members(c),
        "item": pd.DataFrame(
            {
                "spot": np.arange(len(c.items.code)),
                "code": c.items.code,
                "kind": c.items.kind,
                "letter": c.items.letter,
                "coefficient": c.items.coefficient,
            }
        ),
        "claim": _numbered("C", c.book.table("claims")["submitted_at"]),
        "paper": _numbered("P", c.book.table("prescriptions")["signed_at"]),
        "sheet": pd.DataFrame(
            {
                "spot": np.arange(c.book.sheets),
                "name": _text("FSE", shuffle(c.book.sheets) + 1),
            }
        ),
    }


def _text(letter: str, numbers: Ints, digits: int = 8) -> pd.Series:
    return letter + pd.Series(numbers).astype(str).str.zfill(digits)


def _numbered(letter: str, instants: Ints) -> pd.DataFrame:
    """Names in the order of instants."""
    rank = np.empty(len(instants), dtype=np.int64)
    rank[np.argsort(instants, kind="stable")] = np.arange(1, len(instants) + 1)
    return pd.DataFrame({"spot": np.arange(len(instants)), "name": _text(letter, rank)})


def _providers(c: Country, order: Ints) -> pd.DataFrame:
    offer = c.providers
    kind = pd.Series([PROVIDER_KINDS[each] for each in offer.kind])
    return pd.DataFrame(
        {
            "spot": np.arange(len(offer)),
            "inpe": kind.map(_PREFIX).fillna(_DOCTOR) + _text("", order, 6),
            "kind": kind,
            "speciality": offer.speciality,
            "sector": np.where(offer.public == 1, "PUBLIC", "PRIVATE"),
            "region": np.array(c.places.region)[offer.place],
            "latitude": offer.latitude,
            "longitude": offer.longitude,
            "agreed_from": _dates(offer.agreed_from),
            "agreed_until": _dates(offer.agreed_until),
            "practice": _text("G", offer.practice, 6).where(offer.practice != NONE, ""),
            "bank_account": _text("99978", offer.account, 19),
        }
    )


def _members(c: Country) -> pd.DataFrame:
    people = c.members
    return pd.DataFrame(
        {
            "spot": np.arange(len(people)),
            "member": _text("M", np.arange(1, len(people) + 1)),
            "family": _text("F", people.family + 1),
            "sex": np.where(people.female == 1, "F", "M"),
            "birth_date": _dates(people.birth),
            "death_date": _dates(people.death),
            "region": np.array(c.places.region)[people.place],
            "latitude": people.latitude,
            "longitude": people.longitude,
            "scheme": np.array(SCHEMES)[people.scheme],
            "rights_from": _dates(people.rights_from),
            "rights_until": _dates(people.rights_until),
            "illnesses": [people.illnesses(at) for at in range(len(people))],
            "bank_account": _text("99979", people.family, 19),
        }
    )


def _dates(days: Ints) -> pd.Series:
    known = days != NONE
    dates = np.datetime64(FIRST_DAY) + np.where(known, days, 0)
    return pd.Series(dates.astype(str)).where(known, "")


def _write_truth(made: Population, names: dict[str, pd.DataFrame], folder: Path) -> None:
    """Labels and oddities, by the names of the other files."""
    called = {
        "claim": names["claim"]["name"].tolist(),
        "provider": names["provider"]["inpe"].tolist(),
        "member": names["member"]["member"].tolist(),
    }

    def name(column: str, at: int) -> str:
        return called[column][at] if at >= 0 else ""

    labels: list[tuple[Any, ...]] = [
        (
            scheme,
            instance,
            name("claim", claim),
            line if claim >= 0 else "",
            name("provider", provider),
            name("member", member),
        )
        for scheme, instance, claim, line, provider, member in made.labels
    ]
    columns = ["scheme", "instance", "claim", "line", "provider", "member"]
    pd.DataFrame(labels, columns=columns).to_csv(folder / "labels.csv", index=False)
    odd = [
        (kind, name("provider", provider), name("member", member), name("claim", claim))
        for kind, provider, member, claim in made.country.oddities
    ]
    columns = ["oddity", "provider", "member", "claim"]
    pd.DataFrame(odd, columns=columns).to_csv(folder / "oddities.csv", index=False)


def _day(column: str) -> str:
    return f"(date '{FIRST_DAY}' + ({column})::integer)"


def _instant(column: str) -> str:
    """An instant of Morocco's clock with its offset, empty where there is none."""
    clock = f"strftime(timestamp '{FIRST_DAY}' + to_minutes({column}), '%Y-%m-%dT%H:%M:%S')"
    return f"case when {column} <> {NONE} then {clock} || '{OFFSET}' end"


def _unless_none(column: str) -> str:
    return f"nullif({column}, {NONE})"


_QUERIES: Final = {
    "providers": "select * exclude (spot) from provider order by inpe",
    "members": "select * exclude (spot) from member order by member",
    "prescriptions": f"""
        select p.name as prescription, d.inpe as prescriber, m.member,
            {_instant("r.signed_at")} as signed_at, {_day("r.valid_until")} as valid_until
        from prescriptions_rows r positional join paper p
        join provider d on d.spot = r.prescriber join member m on m.spot = r.member order by 1""",
    "prescription_lines": """
        select p.name as prescription, r.line, i.code, r.quantity, r.days, r.repeats
        from prescription_lines_rows r join paper p on p.spot = r.prescription
        join item i on i.spot = r.item order by 1, 2""",
    "claims": f"""
        select c.name as claim, s.name as fse_number, d.inpe as provider, m.member,
            {_instant("r.submitted_at")} as submitted_at, p.name as prescription,
            'D' || d.inpe || '-' || (r.device + 1) as device
        from claims_rows r positional join claim c
        join provider d on d.spot = r.provider join member m on m.spot = r.member
        join sheet s on s.spot = r.sheet left join paper p on p.spot = r.prescription order by 1""",
    "claim_lines": f"""
        select c.name as claim, r.line, i.kind, i.code, i.letter, i.coefficient, r.quantity,
            printf('%d.%02d', r.charged // 100, r.charged % 100) as charged,
            {_day("r.care_date")} as care_date, {_instant("r.started_at")} as started_at,
            {_unless_none("r.days")} as days, {_unless_none("r.prescription_line")} as prescription_line
        from claim_lines_rows r join claim c on c.spot = r.claim join item i on i.spot = r.item
        order by 1, 2""",
    "stays": f"""
        select d.inpe as provider, m.member, {_day("r.admitted")} as admitted,
            {_day("r.discharged")} as discharged
        from stays_rows r join provider d on d.spot = r.provider join member m on m.spot = r.member
        order by 3, 2, 1""",
}
