"""First bank accounts of providers, from the columns of a register; a changed one is only told."""

from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from psycopg.types.range import Range

from core.imports import cells
from core.imports.cells import CellError
from core.imports.files import Row, Table
from core.imports.loading import Edition, PublishedList, Reading, read_rows, settle_duplicates
from core.imports.report import ImportReport, Notice
from core.imports.versions import Difference, Entry, Values, Version
from core.imports.writing import insert_rows, write_history
from core.numbers import is_rib
from core.record_keys import new_key
from payments.models import PayeeAccount
from providers.models import Provider

COLUMNS = ("inpe", "rib", "holder")


def read_accounts(table: Table, report: ImportReport, edition: Edition) -> Reading:
    """Entries of a register's accounts; a row without RIB says nothing.

    A provider who has another account keeps it, with a warning: a change is asked for by its payee.
    """
    table.require(COLUMNS)
    known = set(Provider.objects.values_list("inpe", flat=True))
    entries = [
        entry
        for entry in read_rows(table, report, lambda row: row["inpe"], partial(_parse, known))
        if entry.values["rib"]
    ]
    entries = settle_duplicates(
        entries,
        report,
        same=_("ce compte est déjà, mot pour mot, à la ligne %(line)d"),
        other=_("cet INPE est aussi à la ligne %(line)d avec un autre compte"),
    )
    stored = stored_accounts(edition.valid_from)
    return Reading([each for each in entries if _is_told(each, stored, report)], is_supplement=True)


def _parse(known: set[str], row: Row) -> Values:
    if not row["rib"]:
        return {"rib": "", "holder": ""}
    if row["inpe"] not in known:
        raise CellError("INPE_UNKNOWN", _("cet INPE n’est pas au registre"))
    if not is_rib(row["rib"]):
        raise CellError("RIB_KEY", _("la clé de ce RIB est fausse"))
    holder = cells.words(row["holder"], 70, "holder")
    if not holder:
        raise CellError("HOLDER_MISSING", _("le compte n’a pas de titulaire"))
    return {"rib": row["rib"], "holder": holder}


def _is_told(entry: Entry, stored: dict[str, Version], report: ImportReport) -> bool:
    version = stored.get(entry.key)
    if version is None or version.values == entry.values:
        return True
    words = _("ce professionnel a un autre compte : le changement se demande")
    report.warnings.append(Notice(entry.line, entry.key, "ACCOUNT_DIFFERS", words))
    return False


def stored_accounts(_day: date) -> dict[str, Version]:
    """The last account of each provider, whatever the day: the first one is opened only once."""
    rows = (
        PayeeAccount.objects.exclude(provider=None)
        .order_by("period")
        .values_list("id", "provider__inpe", "rib", "holder")
    )
    return {
        inpe: Version(key, inpe, None, {"rib": rib, "holder": holder})
        for key, inpe, rib, holder in rows
    }


def write_accounts(difference: Difference, edition: Edition) -> None:
    """Open the first accounts, from the edition's day, with history."""
    inpes = [entry.key for entry in difference.new]
    providers: dict[str, Any] = dict(
        Provider.objects.filter(inpe__in=inpes).values_list("inpe", "id")
    )
    period = Range(edition.valid_from, None, "[)")
    rows = [
        [new_key(), providers[each.key], each.values["rib"], each.values["holder"], period]
        for each in difference.new
    ]
    insert_rows(PayeeAccount, ["id", "provider_id", "rib", "holder", "period"], rows)
    ids = [row[0] for row in rows]
    reason = f"import {edition.source}"
    write_history(PayeeAccount, ids, sign="+", at=edition.at, reason=reason)


ACCOUNTS = PublishedList(
    name="accounts",
    subject=PayeeAccount,
    dated=None,
    read=read_accounts,
    stored=stored_accounts,
    write=write_accounts,
)
