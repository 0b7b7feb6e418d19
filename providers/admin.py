"""The register in the back office: providers, who acts for them, their devices and tokens."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

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
from providers.models import (
    AgreementPeriod,
    Device,
    Membership,
    Provider,
    ProviderAccount,
    SoftwareToken,
    Territory,
)

ADMINISTRATION = frozenset({Role.ADMINISTRATOR})
ACCESS_READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.AGENT})


class AgreementsInline(ReadOnlyInline):
    """Agreement periods of a provider."""

    model = AgreementPeriod
    fields = ["shown_period"]
    shown_period = period_column()


class AccountsInline(ReadOnlyInline):
    """Bank accounts of a provider, masked."""

    model = ProviderAccount
    fields = ["masked_rib", "holder", "shown_period"]
    masked_rib = masked_field("rib", "RIB")
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
    inlines = [AgreementsInline, AccountsInline]
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
class DeviceAdmin(OfficeAdmin):
    """Signing devices: read here, enrolled and revoked by the people who sign with them."""

    view_roles = ACCESS_READERS
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
    fields = ["label", "user", "provider", "prefix", "kid", "state", "enrolled", "revoked"]
    readonly_fields = ["enrolled", "revoked"]
    enrolled = moment_column("enrolled_at", _("inscrit le"))
    revoked = moment_column("revoked_at", _("révoqué le"))


@admin.register(SoftwareToken)
class SoftwareTokenAdmin(OfficeAdmin):
    """Accesses of software to the API: never the token, which only its owner has."""

    view_roles = ACCESS_READERS
    list_display = ["software", "shown_provider", "shown_user", "issued", "revoked"]
    shown_provider = said_column("provider", _("professionnel"))
    shown_user = said_column("user", _("utilisateur"))
    list_select_related = ["provider", "user"]
    search_fields = ["software", "provider__name", "provider__inpe"]
    ordering = ["-issued_at"]
    fields = ["software", "provider", "user", "issued", "revoked"]
    readonly_fields = ["issued", "revoked"]
    issued = moment_column("issued_at", _("émis le"))
    revoked = moment_column("revoked_at", _("révoqué le"))


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
