"""Remittance advice as an Excel file: every line of every claim, and totals that add up.

One file for one transfer, for those a payee asked for, or for a whole batch; lines are read and
written one after another, so that memory does not grow with the batch.
"""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

from django.db.models import QuerySet
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from core.languages import Bilingual
from core.workbook import Column, Kind, Table, Workbook
from payments import selectors
from payments.models import PaymentOrder
from payments.presenters.statement import (
    StatementClaim,
    StatementLine,
    claim_of,
    debt_of,
    payee_of,
)
from payments.states import OrderState


@dataclass(slots=True)
class Sums:
    """What the lines of some claims add up to, in centimes."""

    claims: int = 0
    charged: int = 0
    share: int = 0
    reimbursed: int = 0
    kept_before: int = 0
    kept: int = 0
    transfer: int = 0

    def add(self, claim: StatementClaim) -> None:
        """Count one claim, line by line."""
        self.claims += 1
        self.kept_before += claim.reimbursed - claim.due
        self.kept += claim.kept
        for line in claim.lines:
            self.charged += line.charged
            self.share += line.insured_share
            self.reimbursed += line.reimbursed

    def include(self, other: "Sums") -> None:
        """Count all of another sum."""
        for name in fields(self):
            setattr(self, name.name, getattr(self, name.name) + getattr(other, name.name))

    def cells(self) -> list[int]:
        """The columns of the totals, in the order of the fields."""
        return list(astuple(self))


def write_remittance(
    orders: QuerySet[PaymentOrder],
    target: BinaryIO,
    *,
    title: str,
    created: datetime,
    with_patients: bool,
) -> None:
    """Write what orders pay to `target`, in the active language.

    `with_patients` names the patients: their payee knows them, the office does without.
    """
    with Workbook(target, title=title, created=created) as book:
        lines = book.table(_("Lignes"), _line_columns(with_patients))
        totals = book.table(_("Totaux"), _total_columns())
        whole = Sums()
        paid = selectors.paid_claims(orders)
        for order, claims in groupby(paid, key=lambda each: each.order):
            of_order = _write_order(order, claims, lines, with_patients=with_patients)
            totals.append(_total_cells(order, of_order))
            whole.include(of_order)
        totals.append([_("Total"), None, None, None, *whole.cells()], strong=True)
        if kept := selectors.kept_for_debts(orders):
            _write_debts(kept, book.table(_("Retenues"), _debt_columns()))


def _write_debts(kept: Iterable[selectors.KeptForDebt], table: Table) -> None:
    """Write what each transfer kept for each debt, and what is left of the debt."""
    for each in kept:
        debt = debt_of(each)
        table.append(
            [
                each.order.reference,
                each.order.batch.execution_date,
                debt.fse_number,
                _said(debt.sentence),
                debt.kept,
                debt.left,
            ]
        )


def _write_order(
    order: PaymentOrder,
    claims: Iterable[selectors.PaidClaim],
    lines: Table,
    *,
    with_patients: bool,
) -> Sums:
    """Write the lines of one order; return their sums."""
    sums = Sums(transfer=order.amount_centimes)
    for paid in claims:
        claim = claim_of(paid)
        sums.add(claim)
        for line in claim.lines:
            head = [order.reference, claim.fse_number, claim.received_date]
            patient = [_said(claim.patient)] if with_patients else []
            lines.append([*head, *patient, *_line_cells(line)])
    return sums


def _line_cells(line: StatementLine) -> list[object]:
    return [
        line.position,
        line.code,
        _said(line.label),
        line.care_date,
        line.quantity,
        line.charged,
        line.tariff,
        line.base,
        line.rate_bp,
        line.reimbursed,
        line.insured_share,
        " ".join(line.reason_codes),
        "\n".join(_said(reason) for reason in line.reasons),
    ]


def _total_cells(order: PaymentOrder, sums: Sums) -> list[object]:
    state = str(OrderState(order.state).label)
    return [
        order.reference,
        _said(payee_of(order)),
        f"{state} : {order.return_reason}" if order.return_reason else state,
        order.batch.execution_date,
        *sums.cells(),
    ]


def _line_columns(with_patients: bool) -> list[Column]:
    patient = [Column(_("Bénéficiaire"), width=24)] if with_patients else []
    return [
        Column(_("Virement"), width=20),
        Column(_("Numéro FSE"), width=15),
        Column(_("Déposée le"), Kind.DAY, 12),
        *patient,
        Column(_("Ligne"), Kind.COUNT, 7),
        Column(_("Code"), width=15),
        Column(_("Soin ou médicament"), width=34),
        Column(_("Date du soin"), Kind.DAY, 12),
        Column(_("Quantité"), Kind.COUNT, 9),
        Column(_("Facturé"), Kind.MONEY),
        Column(_("Tarif"), Kind.MONEY),
        Column(_("Base"), Kind.MONEY),
        Column(_("Taux"), Kind.RATE, 9),
        Column(_("Remboursé"), Kind.MONEY),
        Column(_("Part de l’assuré"), Kind.MONEY),
        Column(_("Codes des motifs"), width=24),
        Column(_("Motifs"), width=60),
    ]


def _total_columns() -> list[Column]:
    return [
        Column(_("Virement"), width=20),
        Column(_("Bénéficiaire du virement"), width=30),
        Column(_("État"), width=30),
        Column(_("Date d’exécution"), Kind.DAY, 14),
        Column(_("Dossiers"), Kind.COUNT, 10),
        Column(_("Facturé"), Kind.MONEY),
        Column(_("Part de l’assuré"), Kind.MONEY),
        Column(_("Remboursé"), Kind.MONEY),
        Column(_("Retenu sur un virement rejeté"), Kind.MONEY, 16),
        Column(_("Retenu pour des indus"), Kind.MONEY, 16),
        Column(_("Montant du virement"), Kind.MONEY, 20),
    ]


def _debt_columns() -> list[Column]:
    return [
        Column(_("Virement"), width=20),
        Column(_("Date d’exécution"), Kind.DAY, 14),
        Column(_("Numéro FSE"), width=15),
        Column(_("Motif"), width=60),
        Column(_("Retenu"), Kind.MONEY),
        Column(_("Reste dû après ce virement"), Kind.MONEY, 20),
    ]


def _said(words: Bilingual) -> str:
    """The words in the active language, that of the whole file."""
    return words["ar"] if get_language_bidi() else words["fr"]
