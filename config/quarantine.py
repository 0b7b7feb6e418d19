"""Background work that failed three times and waits for a person: seen, then given back to the workers."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Role
from core import outbox
from core.models import OutboxMessage

WATCHERS = (Role.AUDITOR, Role.ADMINISTRATOR)
AT_ONCE = 200
WORK = {
    "claims.claim.queued": gettext_lazy("Liquider des dossiers"),
    "claims.claim.adjudicated": gettext_lazy("Contrôler des dossiers liquidés"),
    "claims.claim.approved": gettext_lazy("Porter des dossiers acceptés au grand livre"),
}


def quarantine(request: HttpRequest) -> HttpResponse:
    """List what was set aside; an administrator gives one message back, or all of them."""
    user: Any = request.user
    if user.role not in WATCHERS:
        raise PermissionDenied
    listed = outbox.quarantined(limit=AT_ONCE)
    if request.method == "POST":
        if user.role != Role.ADMINISTRATOR:
            raise PermissionDenied
        chosen = request.POST.get("message")
        keys = [each.id for each in listed if chosen in (None, str(each.id))]
        count = outbox.give_back(keys, by=user, at=timezone.now())
        messages.success(request, _told(count))
        return redirect(reverse("admin:quarantine"))
    context = {
        **admin.site.each_context(request),
        "title": _("Travail mis de côté"),
        "rows": [_row(each) for each in listed],
        "full": len(listed) == AT_ONCE,
        "may_give_back": user.role == Role.ADMINISTRATOR,
    }
    return TemplateResponse(request, "admin/quarantine.html", context)


def _told(count: int) -> str:
    if count == 0:
        return _("Rien n’a été remis : ce travail avait déjà été repris.")
    return ngettext(
        "%(n)s travail remis dans la file. Il est repris tout de suite.",
        "%(n)s travaux remis dans la file. Ils sont repris tout de suite.",
        count,
    ) % {"n": count}


def _row(message: OutboxMessage) -> dict[str, Any]:
    lines = message.last_error.strip().splitlines()
    return {
        "id": message.id,
        "work": WORK.get(message.kind, message.kind),
        "subjects": [str(each) for each in message.subject_ids],
        "since": message.quarantined_at,
        "error": lines[-1] if lines else "",
        "trace": message.last_error,
    }


def quarantine_figures(user: Any) -> list[dict[str, Any]]:
    """What the first page says of work set aside, to those who watch it."""
    if user.role not in WATCHERS:
        return []
    return [
        {
            "label": _("Travail mis de côté"),
            "empty": _("Rien n’est mis de côté."),
            "count": len(outbox.quarantined(limit=AT_ONCE)),
            "amount_centimes": None,
            "age": "",
            "url": reverse("admin:quarantine"),
            "is_mine": user.role == Role.ADMINISTRATOR,
        }
    ]
