"""The calendar of payments: a year on one page, each day edited with its history."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.admin.office import OfficeHistoryAdmin
from core.errors import DomainError
from payments import services
from payments.models import PaymentDay
from payments.permissions import PAYING_ROLES, WATCHING_ROLES
from payments.reference.holidays import Holiday, HolidaysUnknown, holidays_of
from payments.selectors.payment_days import days_of, days_to_prepare
from payments.states import BatchState


class PaymentDayForm(ModelForm):
    """A day that a person changes: what the service would refuse is said beside the field."""

    class Meta:
        model = PaymentDay
        fields = ["day", "payees", "cut_off", "is_open", "note"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk and not self.instance._state.adding:
            try:
                services.check_day_is_free(PaymentDay(pk=self.instance.pk))
            except DomainError as refusal:
                raise ValidationError(refusal.text()) from refusal
        return cleaned


@admin.register(PaymentDay)
class PaymentDayAdmin(OfficeHistoryAdmin):
    """The year's calendar in place of a list; a day's own page with its history."""

    view_roles = WATCHING_ROLES
    change_roles = PAYING_ROLES
    add_roles = PAYING_ROLES
    form = PaymentDayForm
    fields = ["day", "payees", "cut_off", "is_open", "note"]
    search_fields = ["note"]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Twelve months of one year: payment days, their batches, public holidays."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        at = timezone.now()
        year = _year(request.GET.get("annee", ""), default=timezone.localdate(at).year)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "is_fullwidth": "1",
            "title": _("Calendrier des paiements"),
            "year": year,
            "months": list(_months(days_of(year), _holidays(year))),
            "to_prepare": days_to_prepare(at),
            "can_add": self.has_add_permission(request),
        }
        return TemplateResponse(request, "admin/payments/calendar.html", context)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save by the service, which keeps the trail."""
        services.move_payment_day(day=obj, by=request.user, at=timezone.now())


def _year(text: str, *, default: int) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else 0
    return year or default  # there is no year 0


def _holidays(year: int) -> Iterable[Holiday]:
    """The public holidays of a year; none when our list does not know them."""
    try:
        return holidays_of(year)
    except HolidaysUnknown:
        return ()


def _months(days: Iterable[PaymentDay], holidays: Iterable[Holiday]) -> Iterable[dict[str, Any]]:
    """Each month with its rows, payments and holidays together, in the order of days."""
    is_arabic = (get_language() or "").startswith("ar")
    rows: list[tuple[date, int, dict[str, Any]]] = [(each.day, 1, _shown(each)) for each in days]
    rows += [
        (
            each.day,
            0,
            {
                "day": each.day,
                "holiday": each.name_ar if is_arabic else each.name_fr,
                "is_confirmed": each.is_confirmed,
            },
        )
        for each in holidays
    ]
    rows.sort(key=lambda row: row[:2])
    for month, inside in groupby(rows, key=lambda row: row[0].replace(day=1)):
        yield {"first": month, "rows": [row for _day, _rank, row in inside]}


def _shown(day: PaymentDay) -> dict[str, Any]:
    living = [each for each in day.batches.all() if each.state != BatchState.CANCELLED]
    return {"day": day.day, "payment": day, "batch": living[0] if living else None}
