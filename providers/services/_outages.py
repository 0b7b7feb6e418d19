"""The calendar of outages: declared by an agent, ended by an agent."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from core import audit
from core.errors import DomainError
from core.record_keys import new_key
from providers import permissions
from providers.models import Outage, Territory


class OutageWindowWrong(DomainError):
    """An outage ends after it began, and is not announced for later."""

    code = "OUTAGE_WINDOW_WRONG"
    status = 422
    message = _(
        "La fin de la panne doit suivre son début, et le début n’est pas dans le futur. Rien n’a été "
        "enregistré."
    )


def declare_outage(
    *,
    territory: Territory | None,
    since: datetime,
    until: datetime | None,
    reason: str,
    by: Any,
    at: datetime,
) -> Outage:
    """Declare an outage of a zone (the whole country without one), over or going on.

    Raises NotOutageKeeper, OutageWindowWrong.
    """
    permissions.check_keeps_outages(by)
    if since > at or (until is not None and until <= since):
        raise OutageWindowWrong(pointer="until")
    key = new_key()
    with transaction.atomic():
        outage = Outage.objects.create(
            id=key,
            code=f"P{localdate(since):%y%m%d}-{key.hex[-6:].upper()}",
            territory=territory,
            since=since,
            until=until,
            reason=reason,
            declared_at=at,
        )
        audit.record(by=by, at=at, action="providers.outage.declared", subject=outage)
    return outage


def end_outage(*, outage: Outage, until: datetime, by: Any, at: datetime) -> None:
    """Say when an outage ended; saying it again moves the end. Raises as `declare_outage`."""
    permissions.check_keeps_outages(by)
    if until <= outage.since or until > at:
        raise OutageWindowWrong(pointer="until")
    with transaction.atomic():
        locked = Outage.objects.select_for_update(of=("self",)).get(pk=outage.pk)
        before = locked.until
        locked.until = until
        locked.save(update_fields=["until"])
        audit.record(
            by=by,
            at=at,
            action="providers.outage.ended",
            subject=locked,
            before={"until": before.isoformat() if before else None},
            after={"until": until.isoformat()},
        )
