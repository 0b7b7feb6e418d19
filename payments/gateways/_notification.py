"""What a camt.054 notification says was booked on our account: transfers executed, or returned.

Source: ISO 20022, bank-to-customer cash management, camt.054 (BankToCustomerDebitCreditNotification).
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from lxml import etree

from core.money import display_dirhams
from payments.gateways import BookedLine, Notification, Outcome
from payments.gateways._errors import BankAnswerUnreadable, BankTotalsDiffer
from payments.gateways._status_report import REASON_LENGTH
from payments.gateways._xml import CURRENCY, count, in_dirhams, typed

# The versions that name alike all that is read here. Older ones, which pyiso20022 also carries, write
# the status of an entry and the totals otherwise; .08 is the one published with our pain.001.001.09.
VERSIONS = ("08", "09", "10", "11", "12")
NAMESPACES = {f"urn:iso:std:iso:20022:tech:xsd:camt.054.001.{each}": each for each in VERSIONS}

DEBIT, CREDIT = "DBIT", "CRDT"
BOOKED = "BOOK"
# Announced and not booked: nothing moved on the account yet.
NOT_BOOKED = frozenset({"PDNG", "FUTR", "INFO"})


def document_type(namespace: str) -> Any:
    """Return the class of a version's documents; 6,000 lines of types are loaded when one comes."""
    module = f"camt_054_001_{NAMESPACES[namespace]}"
    return import_module(f"pyiso20022.camt.{module}").Document


def read(root: etree._Element) -> Notification:
    """Return what a notification says. Raises BankAnswerUnreadable, BankTotalsDiffer."""
    namespace = etree.QName(root).namespace or ""
    message = typed(root, document_type(namespace), name="camt.054").bk_to_cstmr_dbt_cdt_ntfctn
    accounts = {_account(each.acct) for each in message.ntfctn}
    if len(accounts) != 1:
        raise BankAnswerUnreadable(why="Acct")
    lines: list[BookedLine] = []
    for notified in message.ntfctn:
        entries = [(entry, in_dirhams(entry.amt.value, entry.amt.ccy)) for entry in notified.ntry]
        _check_totals(notified.txs_summry, entries)
        for entry, amount in entries:
            lines.extend(_lines(entry, amount))
    return Notification(accounts.pop(), tuple(lines))


def _account(account: Any) -> str:
    """Our own account number; a Moroccan RIB is a domestic number, not an IBAN."""
    if account.id is None or account.id.othr is None:
        raise BankAnswerUnreadable(why="Acct/Id/Othr")
    if account.ccy not in (None, CURRENCY):
        raise BankAnswerUnreadable(why=account.ccy)
    return str(account.id.othr.id)


def _check_totals(summary: Any, entries: Sequence[tuple[Any, int]]) -> None:
    """Compare the counts and sums a notification gives of itself, where it gives them."""
    if summary is None:
        return
    sides = {
        side: [amount for entry, amount in entries if entry.cdt_dbt_ind.value == side]
        for side in (DEBIT, CREDIT)
    }
    everything = sides[DEBIT] + sides[CREDIT]
    for name, said, found in (
        ("TtlNtries", summary.ttl_ntries, everything),
        ("TtlDbtNtries", summary.ttl_dbt_ntries, sides[DEBIT]),
        ("TtlCdtNtries", summary.ttl_cdt_ntries, sides[CREDIT]),
    ):
        if said is not None:
            _check(name, said.nb_of_ntries, said.sum, found)
    net = summary.ttl_ntries and summary.ttl_ntries.ttl_net_ntry
    if net:
        sign = 1 if net.cdt_dbt_ind.value == CREDIT else -1
        _same(
            "TtlNetNtry",
            sign * in_dirhams(net.amt, CURRENCY),
            sum(sides[CREDIT], -sum(sides[DEBIT])),
        )


def _check(name: str, number: str | None, total: Any, found: Sequence[int]) -> None:
    """Compare one count and one sum, where they are given, with the amounts that were read."""
    if number is not None:
        said = count(number, name=f"{name}/NbOfNtries")
        if said != len(found):
            raise BankTotalsDiffer(what=f"{name}/NbOfNtries", said=said, found=len(found))
    if total is not None:
        _same(f"{name}/Sum", in_dirhams(total, CURRENCY), sum(found))


def _same(name: str, said: int, found: int) -> None:
    """Raise BankTotalsDiffer unless two amounts in centimes are one."""
    if said != found:
        raise BankTotalsDiffer(what=name, said=display_dirhams(said), found=display_dirhams(found))


def _lines(entry: Any, amount: int) -> Iterator[BookedLine]:
    """What one entry books: as many lines as it gives transactions, which sum to it."""
    status = entry.sts.cd
    if status in NOT_BOOKED:
        return
    if status != BOOKED:
        raise BankAnswerUnreadable(why=f"Sts {status}"[:REASON_LENGTH])
    read: list[BookedLine] = []
    for details in entry.ntry_dtls:
        lone = len(entry.ntry_dtls) == 1 and len(details.tx_dtls) == 1
        lines = [_line(entry, each, amount if lone else None) for each in details.tx_dtls]
        _check_batch(details.btch, [line.amount_centimes for line in lines])
        read += lines
    if not read:
        raise BankAnswerUnreadable(why="TxDtls")
    _same("Ntry/Amt", amount, sum(line.amount_centimes for line in read))
    yield from read


def _check_batch(batch: Any, found: Sequence[int]) -> None:
    """Compare what an entry says of the transactions booked together."""
    if batch is None:
        return
    total = batch.ttl_amt
    if total is not None:
        _same("Btch/TtlAmt", in_dirhams(total.value, total.ccy), sum(found))
    _check("Btch", batch.nb_of_txs, None, found)


def _line(entry: Any, transaction: Any, otherwise: int | None) -> BookedLine:
    """One transaction; `otherwise`: the entry's amount, when it books this transaction alone."""
    reference = transaction.refs and transaction.refs.end_to_end_id
    if not reference:
        raise BankAnswerUnreadable(why="EndToEndId")
    if transaction.cdt_dbt_ind not in (None, entry.cdt_dbt_ind):
        raise BankAnswerUnreadable(why="CdtDbtInd")
    stated = transaction.amt
    amount = otherwise if stated is None else in_dirhams(stated.value, stated.ccy)
    if amount is None:
        raise BankAnswerUnreadable(why="TxDtls/Amt")
    return BookedLine(reference, _outcome(entry, transaction), amount, _reason(transaction.rtr_inf))


def _outcome(entry: Any, transaction: Any) -> Outcome:
    """A plain debit is a transfer executed; a credit is ours only as the return of a transfer."""
    comes_back = bool(entry.rvsl_ind) or transaction.rtr_inf is not None
    if entry.cdt_dbt_ind.value == CREDIT:
        if not comes_back:
            raise BankAnswerUnreadable(why="RtrInf")
        return Outcome.RETURNED
    if comes_back:
        raise BankAnswerUnreadable(why="RvslInd")
    return Outcome.PAID


def _reason(returned: Any) -> str:
    """The bank's reason code and its words: `AC04 Compte clos`."""
    if returned is None:
        return ""
    code = returned.rsn and (returned.rsn.cd or returned.rsn.prtry)
    return " ".join(word for word in (code, *returned.addtl_inf) if word)[:REASON_LENGTH]
