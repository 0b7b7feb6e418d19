"""Questions between a counter and a prescriber: asked, talked over, answered, taken back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from core import audit, transitions
from core.errors import DomainError
from insured.selectors import insured_of
from prescriptions import selectors
from prescriptions.models import (
    PrescribedItem,
    Prescription,
    PrescriptionRequest,
    RequestAnswer,
    RequestKind,
    RequestMessage,
)
from prescriptions.selectors.requests import requests_visible_to
from prescriptions.services._refusals import PrescriptionNotFound
from prescriptions.services._state_refusals import SecretMissing
from prescriptions.states import RequestState
from providers.models import Membership, Provider
from providers.selectors import membership_on


class RequestNotFound(DomainError):
    """No such request, or not one's own."""

    code = "REQUEST_NOT_FOUND"
    status = 404
    message = _("Cette demande n’existe pas. Rechargez la page ; rien n’a été enregistré.")


class LineUnknown(DomainError):
    """A request about a line names one of the prescription's."""

    code = "LINE_UNKNOWN"
    status = 422
    message = _("L’ordonnance n’a pas de ligne %(position)s. Rien n’a été envoyé.")


class RequestAlreadyOpen(DomainError):
    """The same question waits already."""

    code = "REQUEST_ALREADY_OPEN"
    message = _(
        "La même demande attend déjà la réponse du prescripteur. Ajoutez un message à son fil ; rien "
        "n’a été envoyé."
    )


class RequestClosed(DomainError):
    """The request was answered otherwise, or taken back."""

    code = "REQUEST_CLOSED"
    message = _("Cette demande est déjà « %(state)s ». Rechargez la page ; rien n’a été modifié.")


class NotTheRequested(DomainError):
    """The prescriber in person answers."""

    code = "NOT_THE_REQUESTED"
    status = 403
    message = _("Seul le prescripteur répond à cette demande. Rien n’a été enregistré.")


def ask_prescriber(
    *,
    fse_number: str,
    kind: RequestKind,
    body: str,
    position: int | None = None,
    pharmacy: Provider,
    by: Any,
    at: datetime,
) -> PrescriptionRequest:
    """Ask the prescriber, from a counter that opened the prescription: a request names patient and line.

    Raises PrescriptionNotFound, SecretMissing, LineUnknown, RequestAlreadyOpen.
    """
    prescription = _known(fse_number)
    if not selectors.is_open_to(pharmacy, prescription):
        raise SecretMissing
    item = _line(prescription, position)
    return _asked(prescription, item, kind, body, pharmacy, by, at)


def ask_renewal(*, fse_number: str, body: str, by: Any, at: datetime) -> PrescriptionRequest:
    """Ask for a renewal, as the insured from the portal. Raises PrescriptionNotFound, RequestAlreadyOpen."""
    prescription = _known(fse_number)
    insured = insured_of(by)
    if insured is None or prescription.insured_id != insured.pk:
        raise PrescriptionNotFound
    return _asked(prescription, None, RequestKind.RENEWAL, body, None, by, at)


def write_message(*, request_id: UUID, body: str, by: Any, at: datetime) -> PrescriptionRequest:
    """Add a message to an open request, from either side. Raises RequestNotFound, RequestClosed."""
    with transaction.atomic():
        request = _open_request(request_id, by, at)
        _said(request, body, by, at)
    return request


def answer_request(
    *, request_id: UUID, answer: RequestAnswer, note: str, by: Any, at: datetime
) -> PrescriptionRequest:
    """Answer, as the prescriber in person; the same answer again gives the success again.

    A yes to a substitution is the prior agreement that the law asks for: the line may be replaced
    within its group (INN, strength, form).
    Raises RequestNotFound, RequestClosed, NotTheRequested.
    """
    with transaction.atomic():
        request = _visible(request_id, by, at)
        if not _signs_for(by, request.prescriber, at):
            raise NotTheRequested
        if request.state == RequestState.ANSWERED and request.answer == answer:
            return request
        _check_open(request)
        transitions.move(
            request,
            RequestState.ANSWERED,
            by=by,
            at=at,
            reason=answer,
            answer=answer,
            answered_at=at,
        )
        if note.strip():
            _said(request, note, by, at)
        if request.kind == RequestKind.SUBSTITUTION and answer == RequestAnswer.YES:
            _allow_substitution(request)
        _record("prescriptions.request.answered", request, by, at, answer=str(answer))
    return request


def withdraw_request(*, request_id: UUID, by: Any, at: datetime) -> PrescriptionRequest:
    """Take a question back, from the side that asked. Again gives the success again.

    Raises RequestNotFound, RequestClosed.
    """
    with transaction.atomic():
        request = _visible(request_id, by, at)
        if not _asked_by(request, by, at):
            raise RequestNotFound
        if request.state == RequestState.WITHDRAWN:
            return request
        _check_open(request)
        transitions.move(request, RequestState.WITHDRAWN, by=by, at=at)
        _record("prescriptions.request.withdrawn", request, by, at)
    return request


def _known(fse_number: str) -> Prescription:
    prescription = selectors.prescription_by_number(fse_number)
    if prescription is None:
        raise PrescriptionNotFound
    return prescription


def _line(prescription: Prescription, position: int | None) -> PrescribedItem | None:
    if position is None:
        return None
    item = next((each for each in prescription.items.all() if each.position == position), None)
    if item is None:
        raise LineUnknown(pointer="/position", position=position)
    return item


def _asked(
    prescription: Prescription,
    item: PrescribedItem | None,
    kind: RequestKind,
    body: str,
    pharmacy: Provider | None,
    by: Any,
    at: datetime,
) -> PrescriptionRequest:
    try:
        with transaction.atomic():
            request = PrescriptionRequest.objects.create(
                prescription=prescription,
                insured_id=prescription.insured_id,
                item=item,
                kind=kind,
                state=RequestState.OPEN,
                pharmacy=pharmacy,
                prescriber=prescription.prescriber,
                asked_by=by,
                asked_at=at,
            )
            transitions.born(request, by=by, at=at)
            _said(request, body, by, at)
            _record("prescriptions.request.asked", request, by, at, kind=str(kind))
    except IntegrityError:
        raise RequestAlreadyOpen from None
    return request


def _said(request: PrescriptionRequest, body: str, by: Any, at: datetime) -> None:
    RequestMessage.objects.create(request=request, author=by, body=body.strip(), written_at=at)


def _visible(request_id: UUID, by: Any, at: datetime) -> PrescriptionRequest:
    visible = requests_visible_to(by, on=localdate(at)).values("pk")
    request = (
        PrescriptionRequest.objects.select_for_update(of=("self",))
        .select_related("prescription", "prescriber", "pharmacy", "item")
        .filter(pk=request_id, pk__in=visible)
        .first()
    )
    if request is None:
        raise RequestNotFound
    return request


def _open_request(request_id: UUID, by: Any, at: datetime) -> PrescriptionRequest:
    request = _visible(request_id, by, at)
    _check_open(request)
    return request


def _check_open(request: PrescriptionRequest) -> None:
    if request.state != RequestState.OPEN:
        raise RequestClosed(state=RequestState(request.state).label)


def _signs_for(by: Any, provider: Provider, at: datetime) -> bool:
    membership = membership_on(by, provider, localdate(at))
    return membership is not None and membership.standing == Membership.Standing.SIGNATORY


def _asked_by(request: PrescriptionRequest, by: Any, at: datetime) -> bool:
    if request.pharmacy is None:
        return bool(request.asked_by_id == by.pk)
    return membership_on(by, request.pharmacy, localdate(at)) is not None


def _allow_substitution(request: PrescriptionRequest) -> None:
    if request.item is not None:
        request.item.substitution_allowed = True
        request.item.save(update_fields=["substitution_allowed"])


def _record(action: str, request: PrescriptionRequest, by: Any, at: datetime, **after: Any) -> None:
    audit.record(
        by=by, at=at, action=action, subject=request, insured_id=request.insured_id, after=after
    )
