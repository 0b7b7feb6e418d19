"""The calendar of payments: planned for a year, changed by a person, one batch a day."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from claims import selectors as claim_selectors
from claims.adjudication.law import LawOn
from core import audit
from core.audit import Actor
from core.errors import DomainError
from payments.models import PaymentBatch, PaymentDay
from payments.permissions import check_can_pay
from payments.reference.holidays import HolidaysUnknown, holidays_of
from payments.rules.calendar import CalendarRules, days_of_year
from payments.states import BatchState

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


class PaymentDayClosed(DomainError):
    """The day was taken off the calendar."""

    code = "PAYMENT_DAY_CLOSED"
    message = _("Le paiement du %(day)s n’est pas maintenu. Aucun bordereau n’a été créé.")


class CutOffNotReached(DomainError):
    """Files may still be decided for this day."""

    code = "CUT_OFF_NOT_REACHED"
    message = _(
        "Le paiement du %(day)s se prépare à partir du %(cut_off)s : d’ici là, des dossiers peuvent "
        "encore le rejoindre. Aucun bordereau n’a été créé."
    )


class CalendarUnknown(DomainError):
    """The holidays of that year are not in our list."""

    code = "CALENDAR_UNKNOWN"
    status = 422
    message = _(
        "Les jours fériés de %(year)s ne sont pas dans la liste (fixtures/reference/public_holidays.yaml). "
        "Aucun jour n’a été créé : complétez la liste."
    )


class PaymentDayTaken(DomainError):
    """A batch exists for this day: its date is what the payees were told."""

    code = "PAYMENT_DAY_TAKEN"
    message = _(
        "Le bordereau %(number)s existe pour ce jour : annulez-le avant de changer sa date. "
        "Rien n’a été modifié."
    )


def plan_payment_days(*, year: int, by: Actor, at: datetime) -> list[PaymentDay]:
    """Create the days of a year that are missing, from the law's rules; return those created.

    Days that exist, changed by a person or not, stay as they are: planning again creates nothing.
    Raises CalendarUnknown.
    """
    try:
        holidays = {each.day for each in holidays_of(year)}
    except HolidaysUnknown as error:
        raise CalendarUnknown(year=year) from error
    law = claim_selectors.law().at(timezone.localdate(at))
    minute = law.number("payment_calendar.cut_off", "minute")
    created = []
    with transaction.atomic():
        for planned in days_of_year(year, _rules(law), holidays):
            cut_off = timezone.make_aware(
                datetime.combine(planned.cut_off_day, time.min) + timedelta(minutes=minute)
            )
            day, is_new = PaymentDay.objects.get_or_create(
                day=planned.day, payees=planned.payees.value, defaults={"cut_off": cut_off}
            )
            if is_new:
                created.append(day)
        if created:
            audit.record(
                by=by,
                at=at,
                action="payments.calendar.planned",
                subject=created[0],
                after={"year": year, "days": len(created)},
            )
    return created


def _rules(law: LawOn) -> CalendarRules:
    weekdays = law.numbers("payment_calendar.insured_weekdays")
    days = law.numbers("payment_calendar.provider_days")
    return CalendarRules(
        insured_weekdays=frozenset(index for index, name in enumerate(WEEKDAYS) if weekdays[name]),
        provider_days=tuple(sorted(days.values())),
        cut_off_working_days=law.number("payment_calendar.cut_off", "working_days"),
    )


def open_day(key: UUID, *, at: datetime) -> tuple[PaymentDay, PaymentBatch | None]:
    """Lock a payment day; return it with its living batch, or with None when one may be frozen now.

    Raises PaymentDayClosed, CutOffNotReached.
    """
    day = PaymentDay.objects.select_for_update(of=("self",)).get(pk=key)
    batch = day.batches.exclude(state=BatchState.CANCELLED).first()
    if batch is not None:
        return day, batch
    if not day.is_open:
        raise PaymentDayClosed(day=f"{day.day:%d/%m/%Y}")
    if at < day.cut_off:
        cut_off = timezone.localtime(day.cut_off)
        raise CutOffNotReached(day=f"{day.day:%d/%m/%Y}", cut_off=f"{cut_off:%d/%m/%Y %H:%M}")
    return day, None


def check_day_is_free(day: PaymentDay) -> None:
    """Raise PaymentDayTaken when a living batch exists for this day."""
    batch = day.batches.exclude(state=BatchState.CANCELLED).first()
    if batch is not None:
        raise PaymentDayTaken(number=batch.number)


def move_payment_day(*, day: PaymentDay, by: Any, at: datetime) -> PaymentDay:
    """Save a day as a person changed or added it, with its history. Raises NotAPaymentOfficer,
    PaymentDayTaken."""
    check_can_pay(by)
    with transaction.atomic():
        known = PaymentDay.objects.select_for_update(of=("self",)).filter(pk=day.pk).first()
        if known is not None:
            check_day_is_free(known)
        day.save()
        audit.record(
            by=by,
            at=at,
            action=f"payments.paymentday.{'changed' if known else 'added'}",
            subject=day,
            before=_described(known) if known else None,
            after=_described(day),
        )
    return day


def _described(day: PaymentDay) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "payees": day.payees,
        "cut_off": day.cut_off.isoformat(),
        "is_open": day.is_open,
        "note": day.note,
    }
