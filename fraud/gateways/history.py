"""The history as the warehouse reads it: copied from PostgreSQL under pseudonyms, no name.

Claims that are refused, withdrawn or reversed take no money: they are left out, and one that dies after
it was copied leaves at the next copy; a corrected one is a new claim.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

import networkx
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from django.utils.timezone import make_aware

from claims.selectors import law
from fraud.gateways import product
from fraud.gateways.pseudonyms import pseudonym
from fraud.gateways.warehouse import Warehouse
from fraud.selectors import DEAD_STATES
from prescriptions.rules.safety.facts import facts
from prescriptions.rules.safety.routes import Route, route_of
from prescriptions.selectors.writing import control

ROWS_A_TIME = 20_000
ATC_CLASS = 5
# A product for local use is not of the class of its substance taken by mouth.
ELSEWHERE = (Route.LOCAL, Route.INHALED, Route.VAGINAL)

Row = Sequence[Any]
Dressed = Callable[[Sequence[Row]], Iterable[Row]]


def copy_history(warehouse: Warehouse, *, since: date | None, until: date) -> int:
    """Copy what was received on these days, `until` not included; all there is without `since`.

    What died since the earlier copy leaves. Copied again, it is the same. Returns how many rows.
    """
    asked = _asked(since, until)
    if since is None:
        warehouse.clear()
    else:
        warehouse.forget([claim for (claim,) in _rows(product.DEAD, asked)])
    rows = warehouse.keep("providers", _providers(until, asked))
    dressed: dict[str, Dressed] = {"members": _members(until), "claims": _claims}
    for table, text in product.TABLES.items():
        dress = dressed.get(table, iter)
        for part in _parts(f"WITH {product.CHANGED} {text}", asked):
            rows += warehouse.keep(table, dress(part))
    rows += warehouse.keep("medicines", _medicines(until, asked))
    return rows + warehouse.keep("letters", _letters(until))


def _asked(since: date | None, until: date) -> dict[str, Any]:
    return {
        "since": since,
        "since_at": _midnight(since) if since else None,
        "until": until,
        "until_at": _midnight(until),
        "dead": [str(state) for state in DEAD_STATES],
        "zone": settings.TIME_ZONE,
        "grace": law().at(until).delay("outage_grace_days"),
    }


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time()))


def _providers(day: date, asked: dict[str, Any]) -> list[Row]:
    """Every provider of the register, with its practice and its bank account."""
    practices = _practices(asked)
    rows = _rows(product.PROVIDERS, asked)
    accounts = _accounts("PROVIDER", [row[0] for row in rows], day)
    return [(*row[:-2], practices.get(row[0]), accounts.get(row[0])) for row in rows]


def _practices(asked: dict[str, Any]) -> dict[str, str]:
    """The practice of each provider that shares one: those somebody acts for together."""
    ties: Any = networkx.Graph()
    for user, provider in _rows(product.COLLEAGUES, asked):
        ties.add_edge(("user", user), provider)
    found: dict[str, str] = {}
    for component in networkx.connected_components(ties):
        inside = sorted(each for each in component if isinstance(each, str))
        found |= dict.fromkeys(inside, inside[0])
    return found


def _members(day: date) -> Dressed:
    def dress(rows: Sequence[Row]) -> Iterable[Row]:
        accounts = _accounts("INSURED", {row[1] for row in rows}, day)
        return [(*row[:-1], accounts.get(row[1])) for row in rows]

    return dress


def _accounts(kind: str, payees: Iterable[str], day: date) -> dict[str, str]:
    """The pseudonyms of the accounts on which payees are paid."""
    held: dict[str, str] = import_string(settings.BANK_ACCOUNTS)(kind, list(payees), day=day)
    return {payee: pseudonym("account", rib) for payee, rib in held.items()}


def _claims(rows: Sequence[Row]) -> Iterable[Row]:
    return ((row[0], pseudonym("sheet", row[1]), *row[2:]) for row in rows)


def _medicines(day: date, asked: dict[str, Any]) -> list[Row]:
    return [
        (ean, inn, _atc(inn, form), price, control(inn, day).table is not None)
        for ean, inn, form, price in _rows(product.MEDICINES, asked)
    ]


def _atc(inn: str, form: str) -> str | None:
    """The ATC code of a medicine where our table has one class for its substance, taken as usual."""
    codes = facts().codes(inn) if inn and route_of(form) not in ELSEWHERE else ()
    return codes[0] if len({code[:ATC_CLASS] for code in codes}) == 1 else None


def _letters(day: date) -> list[Row]:
    """The usual minutes of an act of each key letter, as the law of a day says."""
    said = law().at(day)
    return [(letter, said.act_minutes(letter), False) for (letter,) in _rows(product.LETTERS, {})]


def _rows(text: str, values: dict[str, Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall()


def _parts(text: str, values: dict[str, Any]) -> Iterator[Sequence[Row]]:
    """Rows in parts; those of one key (the first column) are never parted, for they are kept whole."""
    with connection.cursor() as cursor:
        cursor.execute(f"{text} ORDER BY 1", values)
        rest: list[Row] = []
        while part := cursor.fetchmany(ROWS_A_TIME):
            rows = [*rest, *part]
            whole = [row for row in rows if row[0] != rows[-1][0]]
            rest = rows[len(whole) :]
            if whole:
                yield whole
        if rest:
            yield rest
