"""What a statement (décompte) says, in both languages, before it is drawn."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from claims.adjudication import Reason, Step
from claims.adjudication.wording import Language, render_step, render_title
from claims.models import ClaimLine, DecisionStep, LineDecision
from claims.presenters import act_label
from core.languages import Bilingual, in_both_languages
from core.sealed_fields import masked
from insured.models import Person
from payments import selectors
from payments.models import PaymentOrder
from payments.states import OrderState


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One act or medicine: amounts in centimes, rate in basis points, and why not more."""

    label: Bilingual
    care_date: date
    quantity: int
    charged: int
    base: int
    rate_bp: int
    reimbursed: int
    reasons: tuple[Bilingual, ...]


@dataclass(frozen=True, slots=True)
class StatementClaim:
    """One claim of the transfer; amounts in centimes."""

    fse_number: str
    care_date: date
    patient: Bilingual
    provider: Bilingual
    lines: tuple[StatementLine, ...]
    charged: int
    reimbursed: int


@dataclass(frozen=True, slots=True)
class Statement:
    """One transfer explained to its payee; amounts in centimes."""

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

    @property
    def charged(self) -> int:
        """What was charged in all."""
        return sum(claim.charged for claim in self.claims)

    @property
    def left_to_the_insured(self) -> int:
        """What stays with the insured people."""
        return self.charged - self.amount


def statement_of(order: PaymentOrder) -> Statement:
    """Return the statement of an order, ready to be drawn by `statement_document.draw`."""
    paid = selectors.claims_of_order(order)
    provider = order.provider
    return Statement(
        reference=order.reference,
        to_provider=provider is not None,
        payee=_payee(order),
        payee_number=provider.inpe if provider else order.insured.registration_number,
        account=masked(order.rib),
        execution_date=order.batch.execution_date,
        state=_state(order),
        is_returned=order.state == OrderState.RETURNED,
        amount=order.amount_centimes,
        claims=tuple(_claim(each) for each in paid),
    )


def _payee(order: PaymentOrder) -> Bilingual:
    if order.provider is not None:
        return Bilingual(fr=order.provider.name, ar=order.provider.name_ar or order.provider.name)
    return Bilingual(fr=order.holder, ar=order.holder)


STATES = {
    OrderState.READY: _("Virement en préparation pour le %(day)s"),
    OrderState.SENT: _("Virement transmis à la banque pour le %(day)s"),
    OrderState.PAID: _("Virement exécuté le %(day)s"),
    OrderState.RETURNED: _("Virement rejeté par la banque le %(day)s : vérifiez le compte déclaré"),
    OrderState.CANCELLED: _("Virement annulé : il n’a pas été transmis à la banque"),
}


def _state(order: PaymentOrder) -> Bilingual:
    """Where the transfer is, in a few words, with its day."""
    answered = order.answered_at
    day = selectors.local_day(answered) if answered else order.batch.execution_date
    return in_both_languages(STATES[OrderState(order.state)], {"day": f"{day:%d/%m/%Y}"})


def _claim(paid: selectors.PaidClaim) -> StatementClaim:
    claim = paid.claim
    return StatementClaim(
        fse_number=claim.sheet.fse_number,
        care_date=min(line.care_date for line in paid.lines),
        patient=_person(claim.patient),
        provider=Bilingual(
            fr=claim.provider.name, ar=claim.provider.name_ar or claim.provider.name
        ),
        lines=tuple(_line(decided, paid.steps) for decided in paid.lines),
        charged=paid.decision.charged_centimes,
        reimbursed=paid.decision.reimbursed_centimes,
    )


def _person(person: Person) -> Bilingual:
    return Bilingual(fr=person.full_name, ar=person.name_ar or person.full_name)


def _line(decided: LineDecision, steps: tuple[DecisionStep, ...]) -> StatementLine:
    line = decided.line
    own = [step for step in steps if step.line_position == line.position]
    return StatementLine(
        label=_label(line),
        care_date=line.care_date,
        quantity=line.quantity,
        charged=line.charged_centimes,
        base=decided.base_centimes,
        rate_bp=decided.rate_bp,
        reimbursed=decided.reimbursed_centimes,
        reasons=tuple(_reason(Reason(code), own) for code in decided.reasons),
    )


def _label(line: ClaimLine) -> Bilingual:
    if line.act is not None:
        return act_label(line.act)
    return Bilingual(fr=line.medicine.label, ar=line.medicine.label)


def _reason(reason: Reason, steps: list[DecisionStep]) -> Bilingual:
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
