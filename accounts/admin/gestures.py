"""Gestures on one record of a list: each a button, an address reached by POST only, its own roles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.admin.office import OfficeAdmin, Roles
from accounts.models import User
from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Gesture:
    """What may be done to a record.

    `name` ends its address; `deed` names the method of the list that does it and answers;
    `fits` tells whether the record is in a state for it.
    """

    name: str
    title: Any
    sentence: Any
    roles: Roles
    deed: str
    needs_reason: bool = False
    is_grave: bool = False
    fits: Callable[[Any], bool] = bool


class GesturesAdmin(OfficeAdmin):
    """A list whose records have gestures, under the page of the record."""

    gestures: tuple[Gesture, ...] = ()
    change_form_outer_after_template = "admin/gestures.html"

    def get_urls(self) -> list[Any]:
        addresses = [
            path(
                f"<uuid:object_id>/{each.name}/",
                self.admin_site.admin_view(require_POST(self._doing(each))),
                name=self._address_of(each),
            )
            for each in self.gestures
        ]
        return addresses + super().get_urls()

    def may_do(self, request: HttpRequest, gesture: Gesture, obj: Any) -> bool:
        """Tell whether the signed-in person's role does this; lists may ask more."""
        return self._is_one_of(request, gesture.roles)

    def offered(self, request: HttpRequest, obj: Any) -> list[dict[str, Any]]:
        """What the signed-in person may do to a record as it stands: each gesture and its address."""
        return [
            {"gesture": each, "url": reverse(f"admin:{self._address_of(each)}", args=[obj.pk])}
            for each in self.gestures
            if obj is not None and each.fits(obj) and self.may_do(request, each, obj)
        ]

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        context.update(gestures=self.offered(request, kwargs.get("obj")))
        return super().render_change_form(request, context, *args, **kwargs)

    def _address_of(self, gesture: Gesture) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{gesture.name}"

    def _doing(self, gesture: Gesture) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: Any) -> HttpResponse:
            if not self._is_one_of(request, gesture.roles):
                raise PermissionDenied
            obj = self.get_object(request, str(object_id))
            if obj is None:
                raise Http404
            try:
                answer: HttpResponse = getattr(self, gesture.deed)(request, obj)
            except DomainError as refusal:
                return refused(request, refusal, title=gesture.title, back=self.page_of(obj))
            return answer

        return view

    def page_of(self, obj: Any) -> str:
        """The address of a record's own page."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[obj.pk])


def refused(
    request: HttpRequest, refusal: DomainError, *, title: Any, back: str
) -> TemplateResponse:
    """The page that says why a gesture was not made."""
    context = {
        **admin.site.each_context(request),
        "title": title,
        "refusal": refusal.text(),
        "back": back,
    }
    return TemplateResponse(request, "admin/refused.html", context, status=refusal.status)


def code_page(
    request: HttpRequest, *, user: User, code: str, acts_for: str = ""
) -> TemplateResponse:
    """The letter that carries an activation code: shown once, to print and hand over."""
    context = {
        **admin.site.each_context(request),
        "title": str(user),
        "person": user,
        "code": code,
        "acts_for": acts_for,
        "address": request.build_absolute_uri(reverse("activation")),
    }
    return TemplateResponse(request, "admin/accounts/code.html", context)
