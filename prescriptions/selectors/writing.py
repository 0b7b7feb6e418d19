"""Reading what helps to write a prescription: the law of a day, equivalents, protocols, preparations."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils.module_loading import import_string

from prescriptions.models import (
    DispensedItem,
    Medicine,
    NarcoticEntry,
    Preparation,
    PrescribedItem,
    Prescription,
    Protocol,
)
from prescriptions.rules.controlled import Control, Listing, control_of, listings
from prescriptions.rules.dosing import units_in_box
from prescriptions.selectors import delay, priced
from prescriptions.states import PrescriptionState
from providers.models import Provider


def principle(name: str, day: date) -> bool:
    """Whether a principle of the law applies on `day`."""
    return bool(import_string(settings.LAW)().at(day).number(f"principles.{name}"))


def age_mention(day: date) -> int:
    """Return the age, in whole years, below which a prescription bears the age of the child."""
    return int(import_string(settings.LAW)().at(day).number("ages.age_mention"))


def may_replace(item: PrescribedItem, day: date) -> bool:
    """Whether another product of a line's group may be handed over on `day`.

    With the prescriber's agreement on the line; always where the law of the day asks for none, or
    where a substance was prescribed.
    """
    if item.substitution_allowed or item.medicine_id is None:
        return True
    return not principle("substitution_by_agreement", day)


def longest_narcotic_days(day: date, *, injectable: bool) -> int:
    """Return the days a prescription of narcotics may last."""
    return delay("narcotic_injectable_days" if injectable else "narcotic_oral_days", day)


@cache
def controlled_substances() -> dict[str, Listing]:
    """Return the substances of the poison tables that we typed, by INN; read once per process."""
    text = files("prescriptions.rules").joinpath("controlled_substances.yaml").read_text("utf-8")
    return listings(yaml.safe_load(text))


def control(inn: str, day: date) -> Control:
    """Return the poison table of a substance on a day, or that nothing was checked."""
    return control_of(inn, controlled_substances(), day)


def equivalents(ean: str, *, day: date, limit: int = 5) -> list[Medicine]:
    """Return the other medicines of the same group and the same number of units, cheapest first.

    Those without a public price on `day` are left out: nobody knows what they cost.
    """
    chosen = Medicine.objects.filter(ean=ean).exclude(inn="").first()
    if chosen is None:
        return []
    group = Medicine.objects.filter(
        inn=chosen.inn,
        strength=chosen.strength,
        strength_unit=chosen.strength_unit,
        form=chosen.form,
    ).exclude(pk=chosen.pk)
    size = size_of(chosen)
    same: list[Any] = [
        each
        for each in priced(group, day=day)
        if size_of(each) == size and each.price and each.price.public_price_centimes  # type: ignore[attr-defined]
    ]
    same.sort(key=lambda each: (each.price.public_price_centimes, each.ean))
    return same[:limit]


def size_of(medicine: Medicine) -> Any:
    """What a box holds: its units, or its text where the text does not tell them."""
    return units_in_box(medicine.presentation) or medicine.presentation


def medicines_of(lines: Iterable[dict[str, Any]], *, day: date) -> list[Medicine]:
    """Return the medicines that lines of a document name, each with its `price` on `day`."""
    eans = {line["ean"] for line in lines if line["ean"]}
    return priced(Medicine.objects.filter(ean__in=eans).order_by("ean"), day=day)


def protocols_of(provider: Provider) -> QuerySet[Protocol]:
    """Return what a practice keeps on its keys."""
    return Protocol.objects.filter(provider=provider).order_by("key")


def preparations_of(provider: Provider) -> QuerySet[Preparation]:
    """Return what waits for a signature in a practice, oldest first."""
    waiting = Preparation.objects.filter(
        provider=provider, prescription__isnull=True, dropped_at__isnull=True
    )
    return waiting.select_related("patient", "prepared_by").order_by("prepared_at")


def last_prescription(*, patient_id: Any, prescriber: Provider) -> Prescription | None:
    """Return the last prescription of a practice for a patient that was not cancelled."""
    return (
        Prescription.objects.filter(patient_id=patient_id, prescriber=prescriber)
        .exclude(state=PrescriptionState.CANCELLED)
        .order_by("-written_on", "-received_at", "-id")
        .first()
    )


def followed_prescriptions(
    prescriber: Provider,
    *,
    fse_number: str = "",
    state: str = "",
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Prescription]:
    """Return the prescriptions of a practice with what was handed over, newest first.

    `since` and `until` are days of writing, both included.
    """
    handed = DispensedItem.objects.select_related("medicine", "dispensing__pharmacy")
    items = PrescribedItem.objects.select_related("medicine").prefetch_related(
        Prefetch("dispensed", queryset=handed.order_by("dispensing__received_at"))
    )
    asked = {
        "fse_number": fse_number,
        "state": state,
        "written_on__gte": since,
        "written_on__lte": until,
    }
    return (
        Prescription.objects.filter(prescriber=prescriber)
        .filter(**{name: value for name, value in asked.items() if value})
        .select_related("patient", "custodian")
        .prefetch_related(Prefetch("items", queryset=items.order_by("position")))
        .order_by("-id")
    )


def narcotic_register(prescriber: Provider) -> QuerySet[NarcoticEntry]:
    """Return a prescriber's register of narcotics, in its order."""
    entries = NarcoticEntry.objects.filter(prescriber=prescriber)
    return entries.select_related("item__medicine", "item__prescription__patient").order_by(
        "number"
    )
