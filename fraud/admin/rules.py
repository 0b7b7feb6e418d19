"""The rules' pages: the list with records, one rule, and its deeds by POST."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.errors import DomainError
from fraud import services
from fraud.models import RuleVersion
from fraud.permissions import DESK_READERS
from fraud.presenters.figures import figure_read, told_refusal
from fraud.presenters.rules import shown_rule, shown_rules
from fraud.rules.thresholds import WEIGHT
from fraud.selectors.rules import NAMED, bounds_of


def rule_addresses(guard: Callable[..., Any]) -> list[URLPattern]:
    """The addresses of the rules, each behind the back office's guard."""
    return [
        path("fraude/regles/", guard(rules), name="fraud_rules"),
        path("fraude/regles/<slug:name>/", guard(rule), name="fraud_rule"),
        path("fraude/regles/<slug:name>/ecrire/", guard(write), name="fraud_rule_ecrire"),
        path(
            "fraude/versions/<uuid:version_id>/mettre-en-service/",
            guard(switch_on),
            name="fraud_rule_mettre",
        ),
        path("fraude/versions/<uuid:version_id>/abandonner/", guard(drop), name="fraud_rule_drop"),
    ]


def rules(request: HttpRequest) -> HttpResponse:
    """Every rule: mode, action, weight, record."""
    _check_reader(request)
    context = {
        **admin.site.each_context(request),
        "title": _("Règles de contrôle"),
        **shown_rules(at=timezone.now()),
    }
    return TemplateResponse(request, "admin/fraud/rules.html", context)


def rule(request: HttpRequest, name: str, *, refusal: DomainError | None = None) -> HttpResponse:
    """One rule: figures, shadow, record, fairness, versions."""
    _check_reader(request)
    if name not in NAMED:
        raise Http404
    shown = shown_rule(name, user=request.user, at=timezone.now())  # type: ignore[arg-type]
    if refusal:
        for figure in shown["figures"]:
            figure["value"] = request.POST.get(figure["name"], figure["value"])
            figure["is_refused"] = refusal.pointer == f"/thresholds/{figure['name']}"
    context = {
        **admin.site.each_context(request),
        "title": shown["title"],
        "rule": shown,
        "refusal": _said(name, refusal, request) if refusal else "",
        "reason": request.POST.get("reason", ""),
        "asked_action": request.POST.get("action", shown["action_code"]),
    }
    status = refusal.status if refusal else 200
    return TemplateResponse(request, "admin/fraud/rule.html", context, status=status)


@require_POST
def write(request: Any, name: str) -> HttpResponse:
    """Write a version: it goes to the trial."""
    _check_reader(request)
    if name not in NAMED:
        raise Http404
    figures = {key: figure_read(name, key, request.POST.get(key, "")) for key in bounds_of(name)}
    try:
        services.draft_rule(
            rule=name,
            weight_bp=figures.pop(WEIGHT),
            thresholds=figures,
            action=_action(request.POST.get("action", "")),
            reason=request.POST.get("reason", "")[:500],
            by=request.user,
            at=timezone.now(),
        )
    except DomainError as refusal:
        return rule(request, name, refusal=refusal)
    messages.success(request, _("Version enregistrée : elle est à l’essai et ne change rien."))
    return redirect(reverse("admin:fraud_rule", args=[name]))


@require_POST
def switch_on(request: Any, version_id: Any) -> HttpResponse:
    """Switch a version on, by another person than who wrote it."""
    return _deed(
        request,
        version_id,
        lambda version: services.switch_on_rule(
            version=version, by=request.user, at=timezone.now()
        ),
    )


@require_POST
def drop(request: Any, version_id: Any) -> HttpResponse:
    """Give a version on trial up."""
    reason = request.POST.get("reason", "")
    return _deed(
        request,
        version_id,
        lambda version: services.drop_rule(
            version=version, reason=reason, by=request.user, at=timezone.now()
        ),
    )


def _deed(request: Any, version_id: Any, deed: Callable[[RuleVersion], None]) -> HttpResponse:
    _check_reader(request)
    version = get_object_or_404(RuleVersion, pk=version_id)
    try:
        deed(version)
    except DomainError as refusal:
        return rule(request, version.rule, refusal=refusal)
    messages.success(request, _("C’est enregistré."))
    return redirect(reverse("admin:fraud_rule", args=[version.rule]))


def _said(name: str, refusal: DomainError, request: HttpRequest) -> str:
    """A refusal in words; of a figure, in those of its field."""
    if isinstance(refusal, services.ThresholdRefused):
        return told_refusal(name, refusal, request.POST)
    return refusal.text()


def _action(text: str) -> str:
    return text if text in RuleVersion.Action.values else RuleVersion.Action.FLAG.value


def _check_reader(request: Any) -> None:
    if request.user.role not in DESK_READERS:
        raise PermissionDenied
