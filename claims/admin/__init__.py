"""The list of acts and prior approvals in the back office. Claims themselves are in the control room."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.office import (
    OfficeAdmin,
    amount_column,
    moment_column,
    period_column,
    said_column,
)
from accounts.models import OFFICE_ROLES, Role
from claims.admin.papers import PaperFileAdmin, PaperPadAdmin
from claims.admin.shadow_laws import ShadowLawAdmin
from claims.models import Act, PriorApproval
from claims.selectors import law

__all__ = ["ActAdmin", "PaperFileAdmin", "PaperPadAdmin", "PriorApprovalAdmin", "ShadowLawAdmin"]

UNMAPPED = Q(flat_tariff_centimes__isnull=True) & (
    Q(letter="") | Q(coefficient_hundredths__isnull=True)
)


def known_letters() -> list[str]:
    """Key letters the law gives a value to, in either sector."""
    keys = (key.split(".") for key in law().keys())  # noqa: SIM118
    return sorted({parts[1] for parts in keys if parts[0] == "key_letters"})


class MappingFilter(admin.SimpleListFilter):
    """Acts that wait for a letter and a coefficient before they can be billed."""

    title = _("correspondance")
    parameter_name = "mapping"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("unmapped", _("en attente d’une lettre clé")), ("billable", _("facturables"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Act]) -> QuerySet[Act]:
        if self.value() == "unmapped":
            return queryset.filter(UNMAPPED)
        return queryset.exclude(UNMAPPED) if self.value() == "billable" else queryset


class ActMappingForm(forms.ModelForm):
    """A letter the law knows, and a coefficient in hundredths: both or neither."""

    class Meta:
        model = Act
        fields = ["letter", "coefficient_hundredths"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        letter, coefficient = given.get("letter"), given.get("coefficient_hundredths")
        if letter and letter not in known_letters():
            self.add_error("letter", _("Aucune valeur de cette lettre clé n’est connue."))
        if bool(letter) != bool(coefficient):
            self.add_error(None, _("Donnez la lettre clé et le coefficient, ou aucun des deux."))
        return given


@admin.register(Act)
class ActAdmin(OfficeAdmin):
    """The list of acts: published, read only, except the mapping of what came without a letter."""

    view_roles = OFFICE_ROLES
    change_roles = frozenset({Role.ADMINISTRATOR})
    form = ActMappingForm
    list_display = ["code", "short_label", "letter", "coefficient", "flat", "covered", "valid"]
    list_filter = [MappingFilter, "covered", "needs_prior_approval", "letter"]
    search_fields = ["code", "label", "chapter"]
    ordering = ["code"]
    fields = [
        "code",
        "label",
        "chapter",
        "coefficient_text",
        "letter",
        "coefficient_hundredths",
        "flat",
        "covered",
        "needs_prior_approval",
        "valid",
        "source",
    ]
    readonly_fields = [
        "code",
        "label",
        "chapter",
        "coefficient_text",
        "flat",
        "covered",
        "needs_prior_approval",
        "valid",
        "source",
    ]
    flat = amount_column("flat_tariff_centimes", _("forfait"))
    valid = period_column("period", _("validité"))

    @admin.display(description=_("libellé"), ordering="label")
    def short_label(self, act: Act) -> str:
        """The label, cut to a line of a list."""
        return act.label if len(act.label) <= 90 else f"{act.label[:89]}…"

    @admin.display(description=_("coefficient"), ordering="coefficient_hundredths")
    def coefficient(self, act: Act) -> str:
        """The coefficient as it is read, or as it was published."""
        hundredths = act.coefficient_hundredths
        if hundredths is None:
            return act.coefficient_text
        whole, rest = divmod(hundredths, 100)
        return f"{whole},{rest:02d}".rstrip("0").rstrip(",")


@admin.register(PriorApproval)
class PriorApprovalAdmin(OfficeAdmin):
    """Prior approvals granted, and how long they are valid: read only."""

    view_roles = frozenset({Role.AGENT, Role.MEDICAL_OFFICER, Role.AUDITOR})
    list_display = ["shown_patient", "act_code", "quantity", "valid", "granted"]
    shown_patient = said_column("patient", _("bénéficiaire"))
    list_select_related = ["patient"]
    search_fields = ["patient__last_name", "act_code"]
    ordering = ["-granted_at"]
    fields = ["patient", "act_code", "quantity", "valid", "granted"]
    readonly_fields = ["valid", "granted"]
    valid = period_column("period", _("validité"))
    granted = moment_column("granted_at", _("accordée le"))
