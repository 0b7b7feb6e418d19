"""The medicine list in the back office: published, therefore read only; what officers decide beside it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.office import (
    OfficeAdmin,
    ReadOnlyInline,
    amount_column,
    period_column,
    rate_column,
    said_column,
)
from accounts.models import OFFICE_ROLES
from prescriptions.admin.demotions import DemotionAdmin
from prescriptions.admin.disputes import DispensingAdmin
from prescriptions.admin.suspensions import PrescriptionAdmin
from prescriptions.models import Medicine, MedicinePrice

__all__ = ["DemotionAdmin", "DispensingAdmin", "MedicineAdmin", "PrescriptionAdmin"]


class PricesInline(ReadOnlyInline):
    """Dated prices of a medicine."""

    model = MedicinePrice
    fields = ["shown_period", "public", "hospital", "base", "rate", "source"]
    shown_period = period_column("period", _("validité"))
    public = amount_column("public_price_centimes", _("prix public"))
    hospital = amount_column("hospital_price_centimes", _("prix hôpital"))
    base = amount_column("base_price_centimes", _("prix base de remboursement"))
    rate = rate_column("list_rate_bp", _("taux"))


@admin.register(Medicine)
class MedicineAdmin(OfficeAdmin):
    """Presentations of the official list; a wrong EAN check digit is a warning, not a refusal."""

    view_roles = OFFICE_ROLES
    list_display = ["ean", "name", "inn", "strength", "form", "shown_kind", "ean_check_is_right"]
    shown_kind = said_column("kind", _("nature"))
    list_filter = ["kind", "ean_check_is_right"]
    search_fields = ["ean", "name", "inn"]
    ordering = ["name", "ean"]
    inlines = [PricesInline]
    fields = [
        "ean",
        "ean_check_is_right",
        "name",
        "inn",
        "strength",
        "strength_unit",
        "form",
        "presentation",
        "kind",
    ]
