"""What a statement (décompte) says, in both languages, before it is drawn."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from claims.adjudication import Reason, Step
from claims.adjudication.wording import Language, render_step, render_title
from claims.models import LineDecision
from claims.presenters import line_label
from claims.selectors import StoredStep
from core.languages import Bilingual, in_both_languages
from core.sealed_fields import masked
from core.templatetags.waraqa import grouped
from insured.models import Person
from payments import selectors
from payments.models import PaymentOrder, Reversal
from payments.states import OrderState


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One act or medicine: amounts in centimes, rate in basis points, and why not more."""

    position: int
    code: str
    label: Bilingual
    care_date: date
    quantity: int
    charged: int
    tariff: int
    base: int
    rate_bp: int
    reimbursed: int
    insured_share: int
    reason_codes: tuple[str, ...]
    reasons: tuple[Bilingual, ...]


@dataclass(frozen=True, slots=True)
class StatementClaim:
    """One claim of the transfer; amounts in centimes.

    `due` is what the order owes for it: less than what was decided when an earlier transfer, returned
    since, had already kept a part of it for a debt. `kept` is what this one keeps.
    """

    fse_number: str
    care_date: date
    received_date: date
    patient: Bilingual
    provider: Bilingual
    lines: tuple[StatementLine, ...]
    charged: int
    reimbursed: int
    insured_share: int
    due: int
    kept: int


@dataclass(frozen=True, slots=True)
class StatementDebt:
    """What the transfer kept for one debt, why, and what is left of it, in centimes."""

    fse_number: str
    sentence: Bilingual
    kept: int
    left: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One transfer explained to its payee; amounts in centimes.

    `reimbursed` less `kept_before` less what `debts` kept is `amount`: tests hold it for every order.
    """

    reference: str
    to_provider: bool
    payee: Bilingual
    payee_number: str
    account: str
    execution_date: date
    state: Bilingual
    is_returned: bool
    amount: int
    claims: tuple[StatementClaim, ...]
    debts: tuple[StatementDebt, ...]

    @property
    def charged(self) -> int:
        """What was charged in all."""
        return sum(claim.charged for claim in self.claims)

    @property
    def reimbursed(self) -> int:
        """What the decisions of its claims give: the sum of every line."""
        return sum(claim.reimbursed for claim in self.claims)

    @property
    def kept_before(self) -> int:
        """What earlier transfers, returned since, had kept of the same claims."""
        return sum(claim.reimbursed - claim.due for claim in self.claims)

    @property
    def left_to_the_insured(self) -> int:
        """What stays with the insured people."""
        return sum(claim.insured_share for claim in self.claims)


def statement_of(order: PaymentOrder) -> Statement:
    """Return the statement of an order, ready to be drawn by `statement_document.draw`."""
    paid = selectors.claims_of_order(order)
    provider = order.provider
    return Statement(
        reference=order.reference,
        to_provider=provider is not None,
        payee=payee_of(order),
        payee_number=provider.inpe if provider else order.insured.registration_number,
        account=masked(order.rib),
        execution_date=order.batch.execution_date,
        state=state_of(order),
        is_returned=order.state == OrderState.RETURNED,
        amount=order.amount_centimes,
        claims=tuple(claim_of(each) for each in paid),
        debts=debts_of(order),
    )


def payee_of(order: PaymentOrder) -> Bilingual:
    """Return who an order pays."""
    if order.provider is not None:
        return Bilingual(fr=order.provider.name, ar=order.provider.name_ar or order.provider.name)
    return Bilingual(fr=order.holder, ar=order.holder)


STATES = {
    OrderState.READY: _("Virement en préparation pour le %(day)s"),
    OrderState.SENT: _("Virement transmis à la banque pour le %(day)s"),
    OrderState.PAID: _("Virement exécuté le %(day)s"),
    OrderState.RETURNED: _("Virement rejeté par la banque le %(day)s : vérifiez le compte déclaré"),
    OrderState.COMPENSATED: _("Rien à virer : tout a été retenu le %(day)s"),
    OrderState.CANCELLED: _("Virement annulé : il n’a pas été transmis à la banque"),
}


def state_of(order: PaymentOrder) -> Bilingual:
    """Return where the transfer is, in a few words, with its day."""
    answered = order.answered_at
    day = selectors.local_day(answered) if answered else order.batch.execution_date
    return in_both_languages(STATES[OrderState(order.state)], {"day": f"{day:%d/%m/%Y}"})


def debts_of(order: PaymentOrder) -> tuple[StatementDebt, ...]:
    """Return what an order kept, debt by debt; nothing for an order that owed its payee all."""
    kept = selectors.kept_for_debts(PaymentOrder.objects.filter(pk=order.pk))
    return tuple(debt_of(each) for each in kept)


def debt_of(kept: selectors.KeptForDebt) -> StatementDebt:
    """Return what a statement says of one debt."""
    number = kept.undue.claim.sheet.fse_number
    reasons = in_both_languages(Reversal.Reason(kept.undue.reversal.reason).label)
    said = in_both_languages(_("Retenu pour l’indu du dossier %(number)s : %(reason)s"))
    return StatementDebt(
        fse_number=number,
        sentence=Bilingual(
            fr=said["fr"] % {"number": grouped(number), "reason": reasons["fr"]},
            ar=said["ar"] % {"number": isolated(grouped(number)), "reason": reasons["ar"]},
        ),
        kept=kept.kept_centimes,
        left=kept.left_centimes,
    )


def isolated(text: str) -> str:
    """A number or a Latin word that keeps its own direction inside an Arabic sentence."""
    return f"\u2068{text}\u2069"


def claim_of(paid: selectors.PaidClaim) -> StatementClaim:
    """Return what a statement says of one claim."""
    claim = paid.claim
    return StatementClaim(
        fse_number=claim.sheet.fse_number,
        care_date=min(each.line.care_date for each in paid.lines),
        received_date=claim.received_date,
        patient=_person(claim.patient),
        provider=Bilingual(
            fr=claim.provider.name, ar=claim.provider.name_ar or claim.provider.name
        ),
        lines=tuple(_line(decided, paid.steps) for decided in paid.lines),
        charged=paid.decision.charged_centimes,
        reimbursed=paid.decision.reimbursed_centimes,
        insured_share=paid.decision.insured_share_centimes,
        due=paid.due_centimes,
        kept=paid.kept_centimes,
    )


def _person(person: Person) -> Bilingual:
    return Bilingual(fr=person.full_name, ar=person.name_ar or person.full_name)


def _line(decided: LineDecision, steps: tuple[...]) -> StatementLine:
    line = decided.line
    own = [step for step in steps if step.line_position == line.position]
    return StatementLine(
        position=line.position,
        code=line.act.code if line.act else line.medicine.ean,
        label=line_label(line),
        care_date=line.care_date,
        quantity=line.quantity,
        charged=line.charged_centimes,
        tariff=decided.tariff_centimes,
        base=decided.base_centimes,
        rate_bp=decided.rate_bp,
        reimbursed=decided.reimbursed_centimes,
        insured_share=decided.insured_share_centimes,
        reason_codes=tuple(decided.reasons),
        reasons=tuple(_reason(Reason(code), own) for code in decided.reasons),
    )


def _reason(reason: Reason, steps: list[StoredStep]) -> Bilingual:
    """The sentence of the step that gave a reason; its title when no step of the line did."""
    for row in steps:
        if row.reason == reason:
            step = Step.from_values(
                rule=row.rule, reason=row.reason, reference=row.reference, values=row.values
            )
            return Bilingual(
                fr=render_step(step, Language.FRENCH), ar=render_step(step, Language.ARABIC)
            )
    return Bilingual(
        fr=render_title(reason, Language.FRENCH), ar=render_title(reason, Language.ARABIC)
    )
