"""Insured persons in the back office: households, people covered, rights, illnesses, accounts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _

from accounts.admin.office import (
    OfficeAdmin,
    OfficeHistoryAdmin,
    ReadOnlyInline,
    day_column,
    masked_field,
    period_column,
    rate_column,
    said_column,
)
from accounts.models import OFFICE_ROLES, Role
from core import audit
from core.languages import in_readers_letters
from insured.models import (
    Entitlement,
    Illness,
    Insured,
    LongTermIllness,
    Person,
)
from insured.selectors import with_names_ar

ADMINISTRATION = frozenset({Role.ADMINISTRATOR})
CONTROL = frozenset({Role.AGENT, Role.MEDICAL_OFFICER, Role.FRAUD_OFFICER, Role.AUDITOR})
READERS = CONTROL | ADMINISTRATION


class PersonsInline(ReadOnlyInline):
    """People of a household."""

    model = Person
    fields = ["first_name", "last_name", "relation", "shown_birth", "shown_death"]
    shown_birth = day_column("birth_date", _("date de naissance"))
    shown_death = day_column("death_date", _("date de décès"))


class EntitlementsInline(ReadOnlyInline):
    """Rights of a household."""

    model = Entitlement
    fields = ["scheme", "shown_period"]
    shown_period = period_column()


@admin.register(Insured)
class InsuredAdmin(OfficeHistoryAdmin):
    """Households, by immatriculation."""

    view_roles = READERS
    change_roles = add_roles = ADMINISTRATION
    sealed = ("phone", "address")
    list_display = ["registration_number", "holder", "masked_phone"]
    search_fields = ["registration_number", "persons__last_name", "persons__name_ar"]
    ordering = ["registration_number"]
    fields = ["registration_number", "phone", "address"]
    inlines = [PersonsInline, EntitlementsInline]
    masked_phone = masked_field("phone", _("téléphone"))
    masked_address = masked_field("address", _("adresse"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("persons")

    @admin.display(description=_("titulaire"))
    def holder(self, obj: Insured) -> str:
        """The person who holds the rights."""
        people = obj.persons.all()
        return next(
            (in_readers_letters(each) for each in people if each.relation == Person.Relation.SELF),
            "",
        )


@admin.register(Person)
class PersonAdmin(OfficeHistoryAdmin):
    """People covered. The CIN is masked for those who do not keep the register."""

    view_roles = READERS
    change_roles = add_roles = ADMINISTRATION
    sealed = ("cin",)
    list_display = [
        "last_name",
        "first_name",
        "shown_insured",
        "relation",
        "shown_birth",
        "masked_cin",
    ]
    shown_insured = said_column("insured", _("assuré"))
    list_select_related = ["insured"]
    list_filter = ["relation"]
    search_fields = ["last_name", "first_name", "name_ar", "insured__registration_number"]
    ordering = ["last_name", "first_name"]
    autocomplete_fields = ["insured"]
    shown_birth = day_column("birth_date", _("date de naissance"))
    masked_cin = masked_field("cin", "CIN")


@admin.register(Entitlement)
class EntitlementAdmin(OfficeHistoryAdmin):
    """Rights, period by period."""

    view_roles = READERS
    change_roles = add_roles = ADMINISTRATION
    list_display = ["shown_insured", "scheme", "shown_period"]
    shown_insured = said_column("insured", _("assuré"))
    list_select_related = ["insured"]
    list_filter = ["scheme"]
    search_fields = ["insured__registration_number"]
    autocomplete_fields = ["insured"]
    ordering = ["insured__registration_number"]
    shown_period = period_column()


@admin.register(LongTermIllness)
class LongTermIllnessAdmin(OfficeHistoryAdmin):
    """Long illnesses granted: health data, for the medical officer and the controls."""

    view_roles = CONTROL
    change_roles = add_roles = frozenset({Role.MEDICAL_OFFICER})
    list_display = [
        "shown_person",
        "code",
        "shown_label",
        "shown_category",
        "shown_rate",
        "shown_period",
    ]
    shown_person = said_column("person", _("bénéficiaire"))
    shown_category = said_column("category", _("catégorie"))
    list_select_related = ["person"]
    list_filter = ["category"]
    search_fields = ["person__last_name", "code", "label"]
    autocomplete_fields = ["person", "insured"]
    ordering = ["person__last_name"]
    shown_rate = rate_column("rate_bp", _("taux"))
    shown_period = period_column()

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_names_ar(super().get_queryset(request))

    @admin.display(description=_("libellé"), ordering="label")
    def shown_label(self, illness: LongTermIllness) -> str:
        """What it is called, in the reader's language."""
        return in_readers_letters(illness, illness.label)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Reading an illness is recorded, as reading a file is."""
        illness = self.get_object(request, object_id)
        if illness is not None and self.has_view_permission(request, illness):
            audit.record(
                by=request.user,
                at=timezone.now(),
                action="insured.illness.read",
                subject=illness,
                insured_id=illness.insured_id,
            )
        return super().change_view(request, object_id, form_url, extra_context)


@admin.register(Illness)
class IllnessAdmin(OfficeAdmin):
    """The published list of long illnesses, read only."""

    view_roles = OFFICE_ROLES
    list_display = ["code", "shown_label", "category", "shown_rate", "shown_period"]
    list_filter = ["category"]
    search_fields = ["code", "label", "label_ar", "icd10"]
    ordering = ["code"]
    shown_rate = rate_column("rate_bp", _("taux"))
    shown_period = period_column("period", _("validité"))

    @admin.display(description=_("libellé"), ordering="label")
    def shown_label(self, illness: Illness) -> str:
        """What it is called, in the reader's language."""
        return (illness.label_ar if get_language_bidi() else "") or illness.label
