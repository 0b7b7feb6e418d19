"""Cases: opened by the night, assigned, noted, decided with a reason, reopened; what is taken back."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.models import Claim
from claims.states import ClaimState
from core import audit, locks, outbox, transitions
from core.errors import DomainError
from fraud.models import (
    Case,
    CaseDecision,
    CaseNote,
    CaseRecovery,
)
from fraud.permissions import check_can_work_desk
from fraud.selectors.cases import claims_of_case, evidence_of
from fraud.services._refusals import ReasonMissing
from fraud.states import CaseState

S = CaseState
RECOVERY_DECIDED = "fraud.case.recovery_decided"
READ = "fraud.case.read"
# Where money may still be, or was: what payments can take back.
RECOVERABLE = (ClaimState.APPROVED, ClaimState.PAYMENT_FAILED, ClaimState.PAID)


class CaseOfAnother(DomainError):
    """Another officer has this case in hand."""

    code = "CASE_OF_ANOTHER"
    message = _("Ce dossier est instruit par %(who)s. Rien n’a été modifié.")


class CaseMovedOn(DomainError):
    """The case is no longer in a state where this can be done."""

    code = "CASE_MOVED_ON"
    message = _(
        "Ce dossier est « %(state)s » : cette opération n’est plus possible. Rien n’a été modifié ; "
        "rechargez la page pour voir qui a agi."
    )


class NotRecoverable(DomainError):
    """A claim that is not of this case, or whose money cannot be taken back now."""

    code = "CLAIM_NOT_RECOVERABLE"
    message = _(
        "La demande %(number)s ne peut pas être reprise avec ce dossier : elle n’en est pas, elle est en "
        "paiement, ou elle a déjà été reprise. Votre décision n’a pas été enregistrée."
    )


def open_case_file(*, case: Case, by: User, at: datetime) -> None:
    """Record that a person read a case. The reader's right is checked by the page's list of roles."""
    audit.record(by=by, at=at, action=READ, subject=case)


def take_case(*, case: Case, by: User, at: datetime) -> None:
    """Take a case in hand. Raises FraudDeskNotYours, CaseOfAnother, CaseMovedOn.

    Taking one's own case again changes nothing.
    """
    check_can_work_desk(by)
    with transaction.atomic():
        _lock(case)
        if case.state == S.ASSIGNED and case.officer_id == by.pk:
            return
        _check_state(case, S.OPEN)
        transitions.move(case, S.ASSIGNED, by=by, at=at, officer=by)
        _record("taken", case, by=by, at=at)


def give_case_back(*, case: Case, by: User, at: datetime) -> None:
    """Put a case back on the list. Raises FraudDeskNotYours, CaseOfAnother, CaseMovedOn."""
    check_can_work_desk(by)
    with transaction.atomic():
        _lock_mine(case, by)
        transitions.move(case, S.OPEN, by=by, at=at, officer=None)
        _record("given_back", case, by=by, at=at)


def note_case(*, case: Case, text: str, by: User, at: datetime) -> None:
    """Write a note. Raises FraudDeskNotYours, ReasonMissing."""
    check_can_work_desk(by)
    if not text.strip():
        raise ReasonMissing(pointer="/text")
    CaseNote.objects.create(case=case, text=text.strip(), by=by, at=at)


def decide_case(
    *,
    case: Case,
    verdict: str,
    reason: str,
    take_back: Sequence[UUID] = (),
    by: User,
    at: datetime,
) -> CaseDecision:
    """Decide a case one has in hand. `take_back`: the claims of a confirmed case whose money goes back.

    Each becomes a recovery of what the fund pays for its lines, told to payments, where a second
    person confirms it. Raises FraudDeskNotYours, ReasonMissing, CaseOfAnother, CaseMovedOn,
    NotRecoverable; then nothing is written.
    """
    check_can_work_desk(by)
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    with transaction.atomic():
        _lock_mine(case, by)
        decision = CaseDecision.objects.create(
            case=case, verdict=verdict, reason=reason.strip(), by=by, at=at
        )
        transitions.move(case, CaseState(verdict), by=by, at=at, reason=reason.strip())
        recoveries = _recover(decision, take_back) if verdict == S.CONFIRMED else []
        if recoveries:
            keys = [each.pk for each in recoveries]
            outbox.publish(RECOVERY_DECIDED, subject_ids=keys, at=at)
        _record(
            "decided",
            case,
            by=by,
            at=at,
            verdict=verdict,
            reason=reason.strip(),
            claims=[str(each.claim_id) for each in recoveries],
            amount_centimes=sum(each.amount_centimes for each in recoveries),
        )
    return decision


def reopen_case(*, case: Case, reason: str, by: User, at: datetime) -> None:
    """Open an unfounded case again. Raises FraudDeskNotYours, ReasonMissing, CaseMovedOn."""
    check_can_work_desk(by)
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    with transaction.atomic():
        _lock(case)
        _check_state(case, S.UNFOUNDED)
        if Case.objects.filter(kind=case.kind, subject=case.subject, state__in=LIVE).exists():
            raise CaseMovedOn(state=case.get_state_display())
        transitions.move(case, S.OPEN, by=by, at=at, reason=reason.strip(), officer=None)
        _record("reopened", case, by=by, at=at, reason=reason.strip())


LIVE = (S.OPEN, S.ASSIGNED)


def _recover(decision: CaseDecision, asked: Sequence[UUID]) -> list[CaseRecovery]:
    """Write what is to be taken back, under the lock of each insured person."""
    wanted = set(asked)
    mine = set(claims_of_case(decision.case).values_list("pk", flat=True))
    found = Claim.objects.filter(pk__in=wanted)
    locks.hold_all(found.values_list("insured_id", flat=True))
    claims = list(found.select_related("sheet").order_by("pk"))
    taken = set(CaseRecovery.objects.filter(claim__in=wanted).values_list("claim", flat=True))
    for claim in claims:
        if claim.pk not in mine - taken or claim.state not in RECOVERABLE:
            raise NotRecoverable(number=claim.sheet.fse_number)
    if unknown := wanted - {claim.pk for claim in claims}:
        raise NotRecoverable(number=min(unknown))
    digest = _digest(evidence_of(decision.case))
    return CaseRecovery.objects.bulk_create(
        CaseRecovery(
            decision=decision,
            claim=claim,
            insured_id=claim.insured_id,
            amount_centimes=claim.reimbursed_centimes,
            evidence_sha256=digest,
        )
        for claim in claims
        if claim.reimbursed_centimes
    )


def _digest(evidence: Any) -> str:
    text = json.dumps(evidence, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _lock(case: Case) -> None:
    case.refresh_from_db(from_queryset=Case.objects.select_for_update(of=("self",)))


def _lock_mine(case: Case, by: User) -> None:
    """The case, locked, once it is in this person's hands."""
    _lock(case)
    _check_state(case, S.ASSIGNED)
    if case.officer_id != by.pk:
        raise CaseOfAnother(who=case.officer.full_name if case.officer else "")


def _check_state(case: Case, expected: CaseState) -> None:
    if case.state == expected:
        return
    if case.state == S.ASSIGNED and case.officer is not None:
        raise CaseOfAnother(who=case.officer.full_name)
    raise CaseMovedOn(state=case.get_state_display())


def _record(deed: str, case: Case, *, by: User, at: datetime, **said: Any) -> None:
    audit.record(
        by=by,
        at=at,
        action=f"fraud.case.{deed}",
        subject=case,
        after={"number": case.number, "state": case.state, **said},
    )
