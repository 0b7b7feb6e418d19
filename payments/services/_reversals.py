"""A claim taken back: asked with evidence, decided by a second person, told to those concerned."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from claims import selectors as claim_selectors
from claims import services as claim_services
from claims.models import Claim
from claims.states import ClaimState
from core import audit, locks
from core.errors import DomainError
from core.transitions import TransitionRefused, born, move
from payments import rules, selectors
from payments.models import Posting, Reversal, ReversalNotice, UndueAmount
from payments.permissions import check_can_confirm_reversal, check_can_reverse
from payments.services._posting import Event, post_approvals, write
from payments.states import ReversalState, UndueState

REVERSIBLE = (ClaimState.APPROVED, ClaimState.PAYMENT_FAILED, ClaimState.PAID)
# The hand-over itself does not stand: its boxes go back to the prescription with the money.
NEVER_HANDED_OVER = (
    Reversal.Reason.CARE_NOT_GIVEN,
    Reversal.Reason.BILLED_TWICE,
    Reversal.Reason.WRONG_PATIENT,
    Reversal.Reason.WRONG_ACT,
)
DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class ClaimInPayment(DomainError):
    """The claim is in a batch that the bank has not answered: nobody can say yet what was paid."""

    code = "CLAIM_IN_PAYMENT"
    message = _(
        "Cette demande est dans le bordereau %(number)s, en paiement. Rien n’a été modifié : "
        "attendez la réponse de la banque, ou annulez le bordereau s’il n’est pas parti."
    )


class ClaimNotReversible(DomainError):
    """There is no amount to take back in this state."""

    code = "CLAIM_NOT_REVERSIBLE"
    message = _(
        "Cette demande est « %(state)s » : il n’y a pas de somme à reprendre. Rien n’a été modifié ; "
        "seule une demande bonne à payer, payée ou au virement rejeté s’extourne."
    )


class ClaimAlreadyReversed(DomainError):
    """A reversal is not reversed: what was wrongly taken back is filed again."""

    code = "CLAIM_ALREADY_REVERSED"
    message = _(
        "Cette demande a déjà été extournée le %(day)s. Une extourne ne s’extourne pas et rien n’a été "
        "modifié : si elle était une erreur, le professionnel dépose une nouvelle demande."
    )


class ReversalUnderWay(DomainError):
    """Another request waits for its second person."""

    code = "REVERSAL_UNDER_WAY"
    message = _(
        "Une extourne de cette demande attend déjà sa confirmation. La vôtre n’a pas été enregistrée ; "
        "ouvrez celle qui attend."
    )


class ReversalTooLate(DomainError):
    """The delay of the law is over."""

    code = "REVERSAL_TOO_LATE"
    message = _(
        "Le délai pour extourner cette demande est passé depuis le %(day)s. Rien n’a été modifié."
    )


class EvidenceMissing(DomainError):
    """A reversal says why, and on which document."""

    code = "EVIDENCE_MISSING"
    status = 422
    message = _(
        "Il manque à cette extourne un motif de la liste, une explication, la référence d’une pièce ou "
        "son empreinte SHA-256. Rien n’a été enregistré."
    )


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why a claim is taken back: coded reason, words shown to the payee, and the document that shows it."""

    reason: str
    explanation: str
    evidence_reference: str
    evidence_sha256: str

    def __post_init__(self) -> None:
        texts = (self.explanation.strip(), self.evidence_reference.strip())
        if (
            self.reason not in Reversal.Reason.values
            or not all(texts)
            or not DIGEST.fullmatch(self.evidence_sha256)
        ):
            raise EvidenceMissing


def ask_reversal(*, claim_id: UUID, grounds: Grounds, by: Any, at: datetime) -> Reversal:
    """Ask that a claim be taken back; nothing moves before a second person confirms.

    The same request again gives the first one. Raises NotAReversingAgent, ClaimInPayment,
    ClaimNotReversible, ClaimAlreadyReversed, ReversalUnderWay, ReversalTooLate.
    """
    check_can_reverse(by)
    with transaction.atomic():
        claim = locked_claim(claim_id)
        known = known_request(claim, grounds, by)
        if known is not None:
            return known
        check_reversible(claim)
        check_in_time(claim, at)
        return open_reversal(claim, grounds, by=by, at=at)


def open_reversal(claim: Claim, grounds: Grounds, *, by: Any, at: datetime) -> Reversal:
    """Write a request that waits for its second person; the claim is locked and may be reversed."""
    reversal = Reversal.objects.create(
        claim=claim,
        insured_id=claim.insured_id,
        state=ReversalState.REQUESTED,
        amount_centimes=claim.reimbursed_centimes,
        requested_by=by,
        requested_at=at,
        **asdict(grounds),
    )
    born(reversal, by=by, at=at)
    _record("asked", reversal, by=by, at=at)
    return reversal


def confirm_reversal(*, reversal_id: UUID, by: Any, at: datetime) -> Reversal:
    """Take the claim back: opposite entries, a debt for what was paid, notices to both concerned.

    The person who confirmed may repeat it: the first success comes back. Raises NotAReversingAgent,
    ReversalFourEyes, ClaimInPayment, ClaimNotReversible, TransitionRefused.
    """
    check_can_reverse(by)
    with transaction.atomic():
        claim_id = Reversal.objects.values_list("claim_id", flat=True).get(id=reversal_id)
        claim = locked_claim(claim_id)
        reversal = Reversal.objects.select_for_update(of=("self",)).get(id=reversal_id)
        if reversal.state == ReversalState.CONFIRMED and reversal.decided_by_id == by.pk:
            return reversal
        check_can_confirm_reversal(by, reversal)
        if reversal.state != ReversalState.REQUESTED:
            raise TransitionRefused(state=reversal.get_state_display())
        check_reversible(claim)
        _take_back(reversal, claim, by=by, at=at)
        _record("confirmed", reversal, by=by, at=at)
    return reversal


def refuse_reversal(*, reversal_id: UUID, reason: str, by: Any, at: datetime) -> Reversal:
    """Refuse a request: the claim stays as it is.

    Raises NotAReversingAgent, ReversalFourEyes, ReasonMissing, TransitionRefused.
    """
    check_can_reverse(by)
    if not reason.strip():
        raise claim_services.ReasonMissing(pointer="/reason")
    with transaction.atomic():
        reversal = Reversal.objects.select_for_update(of=("self",)).get(id=reversal_id)
        check_can_confirm_reversal(by, reversal)
        move(
            reversal,
            ReversalState.REFUSED,
            by=by,
            at=at,
            reason=reason.strip(),
            decided_by=by,
            decided_at=at,
            refusal_reason=reason.strip(),
        )
        _record("refused", reversal, by=by, at=at)
    return reversal


def locked_claim(claim_id: UUID) -> Claim:
    """The claim, under the lock of its insured person: what it used of ceilings is about to be free."""
    insured_id = Claim.objects.values_list("insured_id", flat=True).get(id=claim_id)
    locks.hold(insured_id)
    return Claim.objects.select_for_update(of=("self",)).get(id=claim_id)


def known_request(claim: Claim, grounds: Grounds, by: Any) -> Reversal | None:
    """The same request made before, or None; raises when another one lives or succeeded."""
    live = Reversal.objects.filter(claim=claim).exclude(state=ReversalState.REFUSED).first()
    if live is None:
        return None
    if live.requested_by_id == by.pk and all(
        getattr(live, name) == value for name, value in asdict(grounds).items()
    ):
        return live
    if live.state == ReversalState.CONFIRMED:
        raise ClaimAlreadyReversed(day=f"{selectors.local_day(live.decided_at):%d/%m/%Y}")
    raise ReversalUnderWay


def check_reversible(claim: Claim) -> None:
    if claim.state == ClaimState.SCHEDULED:
        carried = selectors.order_of_claim(claim)
        raise ClaimInPayment(number=carried.order.batch.number if carried else "")
    if claim.state not in REVERSIBLE or claim.reimbursed_centimes <= 0:
        raise ClaimNotReversible(state=claim.get_state_display())


def check_in_time(claim: Claim, at: datetime) -> None:
    """The delay runs from the payment, or from the decision of what was not paid."""
    decision = claim_selectors.decision_of(claim)
    start = claim.settled_at or (decision.decided_at if decision else claim.received_at)
    first_day = selectors.local_day(start)
    delay = claim_selectors.law().at(first_day).delay("reversal_max_days")
    last_day = first_day + timedelta(days=delay)
    if selectors.local_day(at) > last_day:
        raise ReversalTooLate(day=f"{last_day:%d/%m/%Y}")


def _take_back(reversal: Reversal, claim: Claim, *, by: Any, at: datetime) -> None:
    """Move, post and tell. What was never paid is no longer owed; what was paid becomes a debt."""
    post_approvals([claim], at=at)
    payee = selectors.payee_of(claim)
    paid = reversal.amount_centimes
    if claim.state != ClaimState.PAID:
        paid = selectors.recovered_of_claims([claim.id]).get(claim.id, 0)
    if claim.dispensing_id is not None and reversal.reason in NEVER_HANDED_OVER:
        claim_services.reverse_dispensing(
            claim, pharmacy_id=None, by=by, at=at, reason=reversal.explanation
        )
    else:
        claim_services.reverse_claim(claim, by=by, at=at, reason=reversal.explanation)
    move(reversal, ReversalState.CONFIRMED, by=by, at=at, decided_by=by, decided_at=at)
    events = []
    if unpaid := reversal.amount_centimes - paid:
        movement = rules.reversal(payee, unpaid)
        events.append(event_of(Posting.Kind.REVERSED, reversal.id, movement, claim, payee))
    if paid:
        undue = _open_debt(reversal, claim, payee, paid, by=by, at=at)
        events.append(event_of(Posting.Kind.UNDUE, undue.id, rules.undue(paid), claim, payee))
    write(events, at=at)
    ReversalNotice.objects.bulk_create(
        [
            ReversalNotice(reversal=reversal, insured_id=claim.insured_id, given_at=at),
            ReversalNotice(reversal=reversal, provider_id=claim.provider_id, given_at=at),
        ]
    )


def _open_debt(
    reversal: Reversal, claim: Claim, payee: rules.Payee, amount: int, *, by: Any, at: datetime
) -> UndueAmount:
    to_provider = payee.kind is rules.PayeeKind.PROVIDER
    undue = UndueAmount.objects.create(
        reversal=reversal,
        claim=claim,
        insured_id=None if to_provider else payee.id,
        provider_id=payee.id if to_provider else None,
        state=UndueState.OPEN,
        amount_centimes=amount,
        opened_at=at,
    )
    born(undue, by=by, at=at)
    return undue


def event_of(
    kind: Posting.Kind, source_id: UUID, movement: rules.Movement, claim: Claim, payee: rules.Payee
) -> Event:
    return Event(
        kind,
        source_id,
        movement,
        payee_id=payee.id,
        claim_id=claim.id,
        insured_id=claim.insured_id,
    )


def _record(deed: str, reversal: Reversal, *, by: Any, at: datetime) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"payments.reversal.{deed}",
        subject=reversal,
        insured_id=reversal.insured_id,
        after={
            "claim": str(reversal.claim_id),
            "state": reversal.state,
            "reason": reversal.reason,
            "amount_centimes": reversal.amount_centimes,
            "evidence": reversal.evidence_reference,
            "evidence_sha256": reversal.evidence_sha256,
        },
    )
