"""The back office's site: CNSS roles only, sign-in by the one sign-in page, its own content policy."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from csp.constants import NONCE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

View = Callable[..., HttpResponse]

# Unfold's pages evaluate Alpine expressions and carry their colours in a style element. No other page
# of the product is weakened: the decorator is on this site's views alone.
POLICY = {
    "script-src": [SELF, NONCE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}


class OfficeSite(UnfoldAdminSite):
    """Who enters is said by role; what has no roles of its own is not registered at all.

    Rooms register their pages here, so that this module imports theirs only when it answers.
    """

    site_title = site_header = "Waraqa"
    index_title = _("Tableau de bord")
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register pages that say which roles they are for; libraries' own pages do not."""
        if hasattr(admin_class, "view_roles"):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return bool(user.is_authenticated and user.is_active and user.works_in_office)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        inner = csp_update(POLICY)(super().admin_view(view, cacheable))

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            """A stranger signs in first; a person of another house is refused, plainly."""
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("account_login"))
            if not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseRedirect:
        """Send to the product's own sign-in, and back; never a second way in."""
        if self.has_permission(request):
            return redirect(reverse("admin:index"))
        if request.user.is_authenticated:
            return redirect(reverse("home"))
        target = request.GET.get("next") or reverse("admin:index")
        return redirect_to_login(target, reverse("account_login"))

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseRedirect:
        return redirect(reverse("account_logout"))

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        from config.desk import desk

        return super().index(request, {**desk(request), **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        """The site's addresses; a stranger is sent to the product's sign-in from each of them."""
        addresses = super().get_urls()
        for address in addresses:
            if hasattr(getattr(address, "callback", None), "login_url"):
                address.callback.login_url = reverse_lazy("account_login")
        return addresses

    def extra_urls(self) -> list[Any]:
        """Pages that are not a list of one model."""
        from claims.admin.law_page import law_page
        from claims.admin.paper_desk import paper_addresses
        from claims.admin.runs_page import run_addresses
        from config.invariants.page import invariants
        from config.office import new_account
        from config.quarantine import quarantine
        from fraud.admin.audit import audit_trail
        from fraud.admin.cases import network, providers
        from fraud.admin.nights import night_addresses
        from fraud.admin.rules import rule_addresses
        from payments.admin.delays import delays
        from payments.admin.ledger import ledger
        from payments.admin.remittance import remittance, statement

        return [
            path("journal/", self.admin_view(audit_trail), name="audit_trail"),
            path("verifications/", self.admin_view(invariants), name="invariants"),
            path("travail/", self.admin_view(quarantine), name="quarantine"),
            path("loi/", self.admin_view(law_page), name="law"),
            *run_addresses(self.admin_view),
            path("fraude/reseaux/", self.admin_view(network), name="fraud_network"),
            path("fraude/professionnels/", self.admin_view(providers), name="fraud_providers"),
            *rule_addresses(self.admin_view),
            *night_addresses(self.admin_view),
            *paper_addresses(self.admin_view),
            path("grand-livre/", self.admin_view(ledger), name="ledger"),
            path("delais/", self.admin_view(delays), name="delays"),
            path("avis/<uuid:batch_id>/", self.admin_view(remittance), name="remittance"),
            path("decomptes/<uuid:order_id>/", self.admin_view(statement), name="statement"),
            path("comptes/nouveau/", self.admin_view(new_account), name="account_new"),
        ]
