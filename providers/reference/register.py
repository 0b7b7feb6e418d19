"""The register of providers (INPE) and their agreement periods."""

import re
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from psycopg.types.range import Range

from core.imports import cells
from core.imports.cells import CellError
from core.imports.files import Row, Table
from core.imports.loading import Edition, PublishedList, Reading, read_rows, settle_duplicates
from core.imports.report import ImportReport
from core.imports.versions import Change, Difference, Values, Version
from core.imports.writing import delete_rows, insert_rows, update_rows, write_history
from core.record_keys import new_key
from providers.models import (
    AgreementPeriod,
    Provider,
    ProviderKind,
    Sector,
    Territory,
)
from providers.reference.territory import place_name

REGISTER_COLUMNS = (
    "inpe",
    "kind",
    "name",
    "name_ar",
    "speciality",
    "sector",
    "region",
    "agreement_from",
    "agreement_to",
    "address",
    "source",
)
PROVIDER_COLUMNS = (
    "kind",
    "name",
    "name_ar",
    "speciality",
    "sector",
    "territory_id",
    "address",
)
Lane = tuple[date, date | None]


def read_register(table: Table, report: ImportReport, edition: Edition) -> Reading:
    """Entries of a register; `region` may be empty, else it is a territory's code or French name.

    `agreement_from` empty: the provider is not under agreement. Bank accounts are not read here:
    `import_accounts` opens first ones, and a change of account has its own door.
    """
    table.require(REGISTER_COLUMNS)
    places = _places()
    entries = read_rows(
        table, report, lambda row: row["inpe"], partial(_parse_provider, places, edition)
    )
    entries = settle_duplicates(
        entries,
        report,
        same=_("ce professionnel est déjà, mot pour mot, à la ligne %(line)d"),
        other=_("cet INPE est aussi à la ligne %(line)d avec un autre contenu"),
    )
    return Reading(entries, is_supplement=True)


def _places() -> dict[str, Any]:
    places: dict[str, Any] = {}
    for code, name, identifier in Territory.objects.order_by("-kind").values_list(
        "code", "name_fr", "id"
    ):
        places[code] = places[place_name(name)] = identifier
    return places


def _parse_provider(places: Mapping[str, Any], edition: Edition, row: Row) -> Values:
    inpe = row["inpe"]
    if not re.fullmatch(settings.INPE_PATTERN, inpe, re.ASCII):
        raise CellError("INPE_FORMAT", _("« %(text)s » n’est pas un INPE") % {"text": inpe})
    values: Values = {
        "kind": cells.one_of(row["kind"], list(map(str, ProviderKind.values)), "kind"),
        "name": cells.words(row["name"], 150, "name"),
        "name_ar": cells.words(row["name_ar"], 150, "name_ar"),
        "speciality": cells.words(row["speciality"], 80, "speciality"),
        "sector": cells.one_of(row["sector"], list(map(str, Sector.values)), "sector"),
        "territory_id": _place(row["region"], places),
        "address": cells.words(row["address"], 250, "address"),
        "source": cells.words(row["source"], 200, "source"),
        "agreements": _agreements(row),
    }
    if not values["name"]:
        raise CellError("NAME_MISSING", _("le professionnel n’a pas de nom"))
    return values


def _place(region: str, places: Mapping[str, Any]) -> Any:
    place = places.get(region) or places.get(place_name(region))
    if region and place is None:
        raise CellError(
            "UNKNOWN_TERRITORY", _("« %(text)s » n’est pas un territoire connu") % {"text": region}
        )
    return place


def _agreements(row: Row) -> tuple[Lane, ...]:
    if not row["agreement_from"]:
        return ()
    start = cells.day(row["agreement_from"], "agreement_from")
    end = cells.day(row["agreement_to"], "agreement_to") if row["agreement_to"] else None
    if end is not None and end <= start:
        raise CellError("PERIOD_IS_EMPTY", _("la convention finit avant de commencer"))
    return ((start, end),)


def stored_register(day: date) -> dict[str, Version]:
    """Every provider, with its agreement periods."""
    agreements: dict[Any, list[Lane]] = {}
    rows = AgreementPeriod.objects.order_by("period").values_list("provider_id", "period")
    for provider_id, period in rows:
        agreements.setdefault(provider_id, []).append((period.lower, period.upper))
    stored = {}
    for identifier, inpe, *values in Provider.objects.values_list("id", "inpe", *PROVIDER_COLUMNS):
        known = dict(zip(PROVIDER_COLUMNS, values, strict=True))
        known["agreements"] = tuple(agreements.get(identifier, ()))
        stored[inpe] = Version(identifier, inpe, None, known)
    return stored


def write_register(difference: Difference, edition: Edition) -> None:
    """Write providers, then replace the agreement periods that changed, with history."""
    new = [(new_key(), entry.key, entry.values) for entry in difference.new]
    changed = [
        (change.version.id, change.entry.key, {**change.values, "source": _source(change, edition)})
        for change in difference.changed
    ]
    columns = ["id", "inpe", *PROVIDER_COLUMNS, "source"]

    def row(identifier: Any, inpe: str, values: Values) -> list[Any]:
        source = values.get("source") or edition.source
        return [identifier, inpe, *(values[name] for name in PROVIDER_COLUMNS), source]

    insert_rows(Provider, columns, (row(*each) for each in new))
    update_rows(Provider, columns, (row(*each) for each in changed))
    reason = f"import {edition.source}"
    for rows, sign in ((new, "+"), (changed, "~")):
        ids = [identifier for identifier, _inpe, _values in rows]
        write_history(Provider, ids, sign=sign, at=edition.at, reason=reason)
    with_agreements = [
        (change.version.id, change.values)
        for change in difference.changed
        if "agreements" in change.columns
    ]
    fresh = [(identifier, values) for identifier, _inpe, values in new]
    _replace_agreements(with_agreements, fresh, edition)


def _source(change: Change, edition: Edition) -> str:
    return str(change.entry.values.get("source") or edition.source)


def _replace_agreements(
    changed: list[tuple[Any, Values]], fresh: list[tuple[Any, Values]], edition: Edition
) -> None:
    """The register's periods take the place of the stored ones, whose history keeps them."""
    old = AgreementPeriod.objects.filter(provider_id__in=[each for each, _values in changed])
    reason = f"import {edition.source}"
    gone = list(old.values_list("id", flat=True))
    write_history(AgreementPeriod, gone, sign="-", at=edition.at, reason=reason)
    delete_rows(AgreementPeriod, gone)
    rows = [
        [new_key(), provider_id, Range(start, end, "[)")]
        for provider_id, values in changed + fresh
        for start, end in values["agreements"]
    ]
    insert_rows(AgreementPeriod, ["id", "provider_id", "period"], rows)
    ids = [row[0] for row in rows]
    write_history(AgreementPeriod, ids, sign="+", at=edition.at, reason=reason)


PROVIDERS = PublishedList(
    name="providers",
    subject=Provider,
    dated=None,
    read=read_register,
    stored=stored_register,
    write=write_register,
    ignored=frozenset({"source"}),
)
