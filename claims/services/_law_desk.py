"""Trying a law out: write it, measure what it would change, propose it, and adopt it with two people."""

import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from claims import selectors
from claims.adjudication import Law
from claims.adjudication.legislation.loader import law_with
from claims.adjudication.parameters import LawError
from claims.adjudication.replay import Tally
from claims.models import ShadowLaw
from claims.permissions import REWRITTEN, WRITTEN, check_can_adopt, check_can_try_laws
from claims.services._refusals import ReasonMissing
from claims.services._replay import Replay
from claims.states import ShadowLawState
from core import audit, transitions
from core.audit import Actor
from core.errors import DomainError

log = logging.getLogger(__name__)

MEASURER = "system:replay"
FAILURE = "failure"
SLICE = 500
S = ShadowLawState


class LawFileWrong(DomainError):
    """A candidate law that the loader refuses; its sentence names the file and the key."""

    code = "LAW_FILE_WRONG"
    status = 422
    message = _(
        "Ce fichier de loi n’est pas valable : %(said)s. Corrigez-le ; rien n’a été enregistré."
    )


class LawUnchanged(DomainError):
    """The candidate says what the law in force says."""

    code = "LAW_UNCHANGED"
    status = 422
    message = _("Ces fichiers disent ce que dit déjà la loi en vigueur. Rien n’a été enregistré.")


class PeriodWrong(DomainError):
    """The last day of a replay is before its first."""

    code = "REPLAY_PERIOD_WRONG"
    status = 422
    message = _("Le dernier jour précède le premier. Corrigez les jours ; rien n’a commencé.")


def draft_law(*, name: str, files: Mapping[str, str], by: Actor, at: datetime) -> ShadowLaw:
    """Keep a candidate law as a draft: `files` by name, FAMILY/NAME.yaml.

    Raises LawDeskNotYours, LawFileWrong, LawUnchanged.
    """
    check_can_try_laws(by)
    candidate = _checked(files)
    with transaction.atomic():
        shadow = ShadowLaw.objects.create(
            name=name.strip(),
            files=dict(files),
            author=by,
            created_at=at,
            law_digest=candidate.digest,
            base_digest=selectors.law().digest,
        )
        transitions.born(shadow, by=by, at=at)
        audit.record(by=by, at=at, action=WRITTEN, subject=shadow, after=_said(shadow))
    return shadow


def write_law_file(*, shadow: ShadowLaw, file: str, text: str, by: Actor, at: datetime) -> None:
    """Write one file of a draft, or of a measured law, whose measure then no longer counts.

    An empty `text` takes the file out. Raises LawDeskNotYours, LawFileWrong, LawUnchanged,
    TransitionRefused.
    """
    check_can_try_laws(by)
    with transaction.atomic():
        _check_state(shadow, S.DRAFT, S.MEASURED)
        files = {name: kept for name, kept in shadow.files.items() if name != file}
        if text.strip():
            files[file] = text
        candidate, before = _checked(files), _said(shadow)
        if shadow.state != S.DRAFT:
            transitions.move(shadow, S.DRAFT, by=by, at=at)
        shadow.files, shadow.law_digest, shadow.report = files, candidate.digest, None
        shadow.save(update_fields=["files", "law_digest", "report"])
        audit.record(
            by=by,
            at=at,
            action=REWRITTEN,
            subject=shadow,
            before=before,
            after=_said(shadow),
        )


def start_measure(
    *, shadow: ShadowLaw, since: date, until: date | None, by: Actor, at: datetime
) -> None:
    """Begin the replay of a candidate law over the decisions taken on these days, `until` included.

    Raises LawDeskNotYours, PeriodWrong, LawFileWrong, TransitionRefused.
    """
    check_can_try_laws(by)
    if until is not None and until < since:
        raise PeriodWrong
    with transaction.atomic():
        _check_state(shadow, S.DRAFT, S.MEASURED)
        replay = Replay(law=_checked(shadow.files), since=since, until=until)
        transitions.move(
            shadow,
            S.RUNNING,
            by=by,
            at=at,
            since=since,
            until=until,
            total=replay.total(),
            report=Tally().to_dict(),
            last=None,
            started_at=at,
            seen_at=at,
            law_digest=replay.law.digest,
            base_digest=selectors.law().digest,
        )
        transaction.on_commit(ring_measures, robust=True)


def pause_measure(*, shadow: ShadowLaw, by: Actor, at: datetime) -> None:
    """Stop a replay after the page it is at. Raises LawDeskNotYours, TransitionRefused."""
    check_can_try_laws(by)
    with transaction.atomic():
        transitions.move(shadow, S.PAUSED, by=by, at=at)


def resume_measure(*, shadow: ShadowLaw, by: Actor, at: datetime) -> None:
    """Go on from the last decision judged. Raises LawDeskNotYours, TransitionRefused."""
    check_can_try_laws(by)
    with transaction.atomic():
        _check_state(shadow, S.PAUSED)
        # the clock of the measure stood still meanwhile: rate and time left stay true
        begun = at - (_there(shadow.seen_at) - _there(shadow.started_at))
        transitions.move(shadow, S.RUNNING, by=by, at=at, started_at=begun, seen_at=at)
        transaction.on_commit(ring_measures, robust=True)


def cancel_measure(*, shadow: ShadowLaw, by: Actor, at: datetime) -> None:
    """Give a replay up; the law is a draft again. Raises LawDeskNotYours, TransitionRefused."""
    check_can_try_laws(by)
    with transaction.atomic():
        transitions.move(shadow, S.DRAFT, by=by, at=at, report=None, last=None)


def propose_law(*, shadow: ShadowLaw, by: Actor, at: datetime) -> None:
    """Propose a measured law. Raises LawDeskNotYours, TransitionRefused."""
    check_can_try_laws(by)
    with transaction.atomic():
        transitions.move(shadow, S.PROPOSED, by=by, at=at, proposed_by=by)


def adopt_law(*, shadow: ShadowLaw, by: Actor, at: datetime) -> None:
    """Adopt a proposed law: its files are then to be put in the code by a reviewed change.

    Raises LawDeskNotYours, SecondPersonAdopts, TransitionRefused.
    """
    check_can_adopt(by, shadow)
    with transaction.atomic():
        transitions.move(shadow, S.ADOPTED, by=by, at=at, adopted_by=by)


def drop_law(*, shadow: ShadowLaw, reason: str, by: Actor, at: datetime) -> None:
    """Give a law up, with a reason. Raises LawDeskNotYours, ReasonMissing, TransitionRefused."""
    check_can_try_laws(by)
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        transitions.move(shadow, S.DROPPED, by=by, at=at, reason=reason.strip())


def advance_measures(*, at: datetime) -> bool:
    """Judge the next page of one running measure; tell whether there was work.

    Each page is a transaction: a worker killed anywhere loses one page of work and counts nothing
    twice. A measure that fails is paused for a person, who finds why in the log.
    """
    shadow = None
    try:
        with transaction.atomic():
            shadow = (
                ShadowLaw.objects.select_for_update(skip_locked=True)
                .filter(state=S.RUNNING)
                .order_by("started_at", "pk")
                .first()
            )
            if shadow is not None:
                _advance(shadow, at=at)
    except Exception:  # the outermost edge of background work
        log.exception("the measure of law %s failed", shadow.pk if shadow else "?")
        if shadow is not None:
            with transaction.atomic():
                transitions.move(shadow, S.PAUSED, by=MEASURER, at=at, reason=FAILURE)
    return shadow is not None


def _advance(shadow: ShadowLaw, *, at: datetime) -> None:
    assert shadow.since is not None and shadow.report is not None  # noqa: S101, PT018  by its state
    replay = Replay(
        law=_checked(shadow.files, may_be_equal=True),
        since=shadow.since,
        until=shadow.until,
        tally=Tally.from_dict(shadow.report),
        last=shadow.last,
    )
    if replay.step(SLICE):
        shadow.report, shadow.last, shadow.seen_at = replay.tally.to_dict(), replay.last, at
        shadow.save(update_fields=["report", "last", "seen_at"])
    else:
        transitions.move(shadow, S.MEASURED, by=MEASURER, at=at, seen_at=at)


def ring_measures() -> None:
    """Wake a worker; a bell that cannot be rung is only logged, the clock's turn comes anyway."""
    task: Any = import_string("claims.tasks.measure_laws")
    try:
        task.apply_async(retry=False)
    except task.OperationalError:
        log.warning("broker unreachable: the scheduler will take the waiting measures")


def _checked(files: Mapping[str, str], *, may_be_equal: bool = False) -> Law:
    try:
        candidate = law_with(files, selectors.law_folder())
    except LawError as error:
        raise LawFileWrong(said=str(error)) from error
    if candidate.digest == selectors.law().digest and not may_be_equal:
        raise LawUnchanged
    return candidate


def _check_state(shadow: ShadowLaw, *expected: str) -> None:
    """Lock a law, read it again, and refuse what its state does not allow."""
    shadow.refresh_from_db(from_queryset=ShadowLaw.objects.select_for_update())
    if shadow.state not in expected:
        raise transitions.TransitionRefused(state=shadow.get_state_display())


def _there(moment: datetime | None) -> datetime:
    """A moment that a law which was measured always has."""
    if moment is None:
        raise ValueError("the measure never began")
    return moment


def _said(shadow: ShadowLaw) -> dict[str, Any]:
    return {"files": sorted(shadow.files), "law": shadow.law_digest}
