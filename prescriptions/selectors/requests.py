"""Reading requests to prescribers, and what the fund guarantees."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet
from django.utils.module_loading import import_string

from prescriptions.models import (
    DispensedItem,
    Dispensing,
    PrescribedItem,
    Prescription,
    PrescriptionRequest,
    RequestMessage,
)
from prescriptions.states import RequestState
from providers.selectors import provider_ids_of


def guarantee_of(level: str, day: date) -> tuple[int, str]:
    """Return the share (basis points) of an estimate that the fund guarantees at a proof level, and
    its source. Level NONE: without any proof."""
    law, key = import_string(settings.LAW)().at(day), f"guarantees.presence.{level}"
    return int(law.number(key)), str(law.reference(key))


def requests_visible_to(viewer: Any, *, on: date) -> QuerySet[PrescriptionRequest]:
    """Return the requests a person may follow: asked of or by their practices, or about their family."""
    practices = provider_ids_of(viewer, on)
    visible = PrescriptionRequest.objects.filter(
        Q(prescriber__in=practices) | Q(pharmacy__in=practices) | Q(insured__user=viewer)
    )
    messages = Prefetch("messages", queryset=RequestMessage.objects.select_related("author"))
    related = ("prescription__patient", "item__medicine", "pharmacy", "prescriber")
    return visible.select_related(*related).prefetch_related(messages).order_by("-id")


def requests_to_answer(viewer: Any, *, on: date) -> int:
    """Count the open requests that wait for the answer of a person's practices."""
    return PrescriptionRequest.objects.filter(
        prescriber__in=provider_ids_of(viewer, on), state=RequestState.OPEN
    ).count()


def answers_since(viewer: Any, *, on: date, since: datetime) -> int:
    """Count the answers that a person's pharmacies received since an instant."""
    return PrescriptionRequest.objects.filter(
        pharmacy__in=provider_ids_of(viewer, on),
        state=RequestState.ANSWERED,
        answered_at__gte=since,
    ).count()


def prescriptions_of(viewer: Any) -> QuerySet[Prescription]:
    """Return the prescriptions of an insured person's household, newest first, with lines and requests."""
    boxes = Prefetch("items", DispensedItem.objects.select_related("medicine"))
    given = Dispensing.objects.select_related("pharmacy").prefetch_related(boxes)
    own = PrescriptionRequest.objects.filter(pharmacy=None).order_by("-id")
    return (
        Prescription.objects.filter(insured__user=viewer)
        .select_related("patient", "prescriber", "custodian")
        .prefetch_related(
            Prefetch("items", PrescribedItem.objects.select_related("medicine")),
            Prefetch("dispensings", given.order_by("-id")),
            Prefetch("requests", own.prefetch_related("messages")),
        )
        .order_by("-id")
    )
