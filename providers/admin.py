"""The register in the back office: providers, who acts for them, their devices and tokens."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.gestures import Gesture, GesturesAdmin
from accounts.admin.office import (
    OfficeAdmin,
    OfficeHistoryAdmin,
    ReadOnlyInline,
    masked_field,
    moment_column,
    period_column,
    said_column,
)
from accounts.models import OFFICE_ROLES, Role
from core.errors import DomainError
from providers import services
from providers.forms import SoftwareTokenForm
from providers.models import (
    AgreementPeriod,
    Device,
    Membership,
    Provider,
    SoftwareToken,
    Territory,
)
from providers.permissions import REVOKING_ROLES
from providers.states import DeviceState

ADMINISTRATION = frozenset({Role.ADMINISTRATOR})
ACCESS_READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.AGENT})


class AgreementsInline(ReadOnlyInline):
    """Agreement periods of a provider."""

    model = AgreementPeriod
    fields = ["shown_period"]
    shown_period = period_column()


@admin.register(Provider)
class ProviderAdmin(OfficeHistoryAdmin):
    """The register of professionals and establishments."""

    view_roles = OFFICE_ROLES
    change_roles = add_roles = ADMINISTRATION
    sealed = ("address",)
    list_display = ["inpe", "name", "kind", "speciality", "sector"]
    list_filter = ["kind", "sector"]
    search_fields = ["inpe", "name", "name_ar"]
    ordering = ["name"]
    autocomplete_fields = ["territory"]
    fields = [
        "inpe",
        "name",
        "name_ar",
        "kind",
        "speciality",
        "sector",
        "territory",
        "address",
        "source",
    ]
    inlines = [AgreementsInline]
    masked_address = masked_field("address", _("adresse"))


@admin.register(AgreementPeriod)
class AgreementPeriodAdmin(OfficeHistoryAdmin):
    """Agreement periods: they open and close what is reimbursed."""

    view_roles = frozenset({Role.ADMINISTRATOR, Role.AGENT, Role.AUDITOR})
    change_roles = add_roles = ADMINISTRATION
    list_display = ["shown_provider", "shown_period"]
    shown_provider = said_column("provider", _("professionnel"))
    list_select_related = ["provider"]
    search_fields = ["provider__inpe", "provider__name"]
    autocomplete_fields = ["provider"]
    ordering = ["provider__name"]
    shown_period = period_column()


@admin.register(Membership)
class MembershipAdmin(OfficeHistoryAdmin):
    """Who may act for whom, from when to when."""

    view_roles = ACCESS_READERS
    change_roles = add_roles = ADMINISTRATION
    list_display = ["shown_user", "shown_provider", "shown_standing", "shown_period"]
    shown_user = said_column("user", _("utilisateur"))
    shown_provider = said_column("provider", _("professionnel"))
    shown_standing = said_column("standing", _("qualité"))
    list_select_related = ["user", "provider"]
    list_filter = ["standing"]
    search_fields = ["user__full_name", "user__username", "provider__inpe", "provider__name"]
    autocomplete_fields = ["user", "provider"]
    ordering = ["provider__name", "user__full_name"]
    shown_period = period_column()


@admin.register(Device)
class DeviceAdmin(GesturesAdmin):
    """Signing devices: enrolled by the people who sign with them; a stolen one is revoked here too."""

    view_roles = ACCESS_READERS | REVOKING_ROLES
    list_display = [
        "label",
        "shown_user",
        "shown_provider",
        "prefix",
        "state",
        "enrolled",
        "revoked",
    ]
    shown_user = said_column("user", _("utilisateur"))
    shown_provider = said_column("provider", _("professionnel"))
    list_select_related = ["user", "provider"]
    list_filter = ["state"]
    search_fields = [
        "label",
        "prefix",
        "kid",
        "user__full_name",
        "provider__name",
        "provider__inpe",
    ]
    ordering = ["-enrolled_at"]
    fields = [
        "label",
        "shown_user",
        "shown_provider",
        "prefix",
        "kid",
        "state",
        "enrolled",
        "revoked",
    ]
    readonly_fields = ["shown_user", "shown_provider", "enrolled", "revoked"]
    enrolled = moment_column("enrolled_at", _("inscrit le"))
    revoked = moment_column("revoked_at", _("révoqué le"))
    gestures = (
        Gesture(
            name="revoquer",
            title=_("Révoquer ce poste"),
            sentence=_(
                "Clé volée ou poste perdu : ce qu’il a signé reste valable, ce qu’il signerait est "
                "refusé. On ne revient pas en arrière."
            ),
            roles=REVOKING_ROLES,
            deed="revoke",
            needs_reason=True,
            is_grave=True,
            fits=lambda device: device.state in (DeviceState.ACTIVE, DeviceState.SUSPENDED),
        ),
        Gesture(
            name="voler",
            title=_("Déclarer ce poste volé"),
            sentence=_(
                "Tout ce qui en arrivera désormais sera examiné, même signé avant. On ne revient pas en "
                "arrière."
            ),
            roles=REVOKING_ROLES,
            deed="declare_stolen",
            needs_reason=True,
            is_grave=True,
            fits=lambda device: device.state in (DeviceState.ACTIVE, DeviceState.SUSPENDED),
        ),
        Gesture(
            name="suspendre",
            title=_("Suspendre ce poste"),
            sentence=_(
                "Ce qu’il signe à partir de maintenant attend, jusqu’à ce qu’il soit rendu."
            ),
            roles=REVOKING_ROLES,
            deed="suspend",
            needs_reason=True,
            fits=lambda device: device.state == DeviceState.ACTIVE,
        ),
        Gesture(
            name="rendre",
            title=_("Rendre ce poste"),
            sentence=_("La suspension finit : ce qu’il a signé entre-temps peut être appliqué."),
            roles=REVOKING_ROLES,
            deed="reinstate",
            needs_reason=True,
            fits=lambda device: device.state == DeviceState.SUSPENDED,
        ),
        Gesture(
            name="retirer",
            title=_("Retirer ce poste"),
            sentence=_("Il ne sert plus et n’a plus rien à envoyer. On ne revient pas en arrière."),
            roles=REVOKING_ROLES,
            deed="retire",
            needs_reason=True,
            fits=lambda device: device.state == DeviceState.ACTIVE,
        ),
    )

    def declare_stolen(self, request: HttpRequest, device: Device) -> HttpResponse:
        """Revoke a device that is in other hands since now at the latest."""
        at = timezone.now()
        reason = request.POST.get("reason", "")
        services.revoke_device(
            device=device, by=request.user, at=at, reason=reason, stolen_since=at
        )
        return self._told(request, device)

    def suspend(self, request: HttpRequest, device: Device) -> HttpResponse:
        """Suspend a device, with a reason."""
        return self._stopped(services.suspend_device, request, device)

    def reinstate(self, request: HttpRequest, device: Device) -> HttpResponse:
        """End a suspension, with a reason."""
        return self._stopped(services.reinstate_device, request, device)

    def retire(self, request: HttpRequest, device: Device) -> HttpResponse:
        """Retire a device, with a reason."""
        return self._stopped(services.retire_device, request, device)

    def _stopped(self, service: Any, request: HttpRequest, device: Device) -> HttpResponse:
        reason = request.POST.get("reason", "")
        service(device=device, by=request.user, at=timezone.now(), reason=reason)
        return self._told(request, device)

    def _told(self, request: HttpRequest, device: Device) -> HttpResponse:
        said = gettext("Le poste est maintenant : %(state)s.")
        messages.success(request, said % {"state": device.get_state_display()})
        return redirect(self.page_of(device))

    def revoke(self, request: HttpRequest, device: Device) -> HttpResponse:
        """Close a device that is not one's own, with a reason."""
        services.revoke_device(
            device=device,
            by=request.user,
            at=timezone.now(),
            reason=request.POST.get("reason", ""),
        )
        messages.success(request, gettext("Poste révoqué."))
        return redirect(self.page_of(device))


@admin.register(SoftwareToken)
class SoftwareTokenAdmin(GesturesAdmin):
    """Accesses of software to the API: never the token, which only its owner has."""

    view_roles = ACCESS_READERS
    list_before_template = "admin/providers/list_before.html"
    list_display = ["software", "shown_provider", "shown_user", "issued", "revoked"]
    shown_provider = said_column("provider", _("professionnel"))
    shown_user = said_column("user", _("utilisateur"))
    list_select_related = ["provider", "user"]
    search_fields = ["software", "provider__name", "provider__inpe"]
    ordering = ["-issued_at"]
    fields = ["software", "shown_provider", "shown_user", "issued", "revoked"]
    readonly_fields = ["shown_provider", "shown_user", "issued", "revoked"]
    issued = moment_column("issued_at", _("émis le"))
    revoked = moment_column("revoked_at", _("révoqué le"))
    gestures = (
        Gesture(
            name="revoquer",
            title=_("Révoquer ce jeton"),
            sentence=_("Le logiciel n’entre plus, dès maintenant. On ne revient pas en arrière."),
            roles=ADMINISTRATION,
            deed="revoke",
            is_grave=True,
            fits=lambda token: token.revoked_at is None,
        ),
    )

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.issue_view)
        return [
            path("emettre/", page, name="providers_softwaretoken_issue"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_issue = self._is_one_of(request, ADMINISTRATION)
        return super().changelist_view(request, {"may_issue": may_issue, **(extra_context or {})})

    def issue_view(self, request: HttpRequest) -> HttpResponse:
        """A token for a provider's software; its text is shown by this answer and never again."""
        if not self._is_one_of(request, ADMINISTRATION):
            raise PermissionDenied
        form = SoftwareTokenForm(request.POST or None)
        status = 422 if form.is_bound else 200
        if form.is_valid():
            try:
                token = services.issue_software_token(
                    **form.cleaned_data, by=request.user, at=timezone.now()
                )
            except DomainError as refusal:
                form.add_error(refusal.pointer, refusal.text())
                status = refusal.status
            else:
                shown = {"token": token, "title": _("Jeton émis"), **form.cleaned_data}
                return self._page(request, "admin/providers/token.html", shown)
        given = {"form": form, "title": _("Émettre un jeton de logiciel")}
        return self._page(request, "admin/providers/token_new.html", given, status)

    def _page(
        self, request: HttpRequest, template: str, given: dict[str, Any], status: int = 200
    ) -> TemplateResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **given}
        return TemplateResponse(request, template, context, status=status)

    def revoke(self, request: HttpRequest, token: SoftwareToken) -> HttpResponse:
        """Close a software's access."""
        services.revoke_software_token(token=token, by=request.user, at=timezone.now())
        messages.success(request, gettext("Jeton révoqué."))
        return redirect(self.page_of(token))


@admin.register(Territory)
class TerritoryAdmin(OfficeAdmin):
    """Regions, provinces and communes: a published list, read only."""

    view_roles = OFFICE_ROLES
    list_display = ["code", "shown_name_fr", "shown_name_ar", "shown_kind", "shown_parent"]
    shown_name_fr = said_column("name_fr", _("nom français"))
    shown_name_ar = said_column("name_ar", _("nom arabe"))
    shown_kind = said_column("kind", _("nature"))
    shown_parent = said_column("parent", _("dépend de"))
    list_select_related = ["parent"]
    list_filter = ["kind"]
    search_fields = ["code", "name_fr", "name_ar"]
    ordering = ["code"]
