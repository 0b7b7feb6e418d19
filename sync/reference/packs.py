"""The parts of a reference pack, each as its exact bytes. No person's data but signing keys.

A part of rows is one JSON object, key to row, in canonical form (RFC 8785): two states of a list can
then be compared row by row, and a difference applied gives the very bytes of the new one.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q

from claims.adjudication.law import Law
from claims.adjudication.pack import canonical
from claims.models import Act
from claims.reference.packs import act_row, price_row
from prescriptions.models import Medicine, MedicinePrice
from prescriptions.presenters.codes import prescriber_keys_output
from prescriptions.selectors.writing import control, size_of
from prescriptions.services import PRESCRIBING_KINDS
from providers.selectors import devices_of_kinds
from sync.reference.engine import engine_zip
from sync.reference.safety import safety_rows

Json = dict[str, Any]
ENGINE = "engine"


def pack_parts(*, law: Law, day: date, at: datetime) -> dict[str, bytes]:
    """The bytes of every part by name; the same law, lists and day give the same bytes."""
    rows: dict[str, Callable[[], Json]] = {
        "law": lambda: law.to_dict()["parameters"],
        "medicines": lambda: dict(_medicines(day)),
        "acts": lambda: dict(_acts()),
        "prescribers": lambda: dict(_prescribers(at)),
        "safety": safety_rows,
    }
    return {name: canonical(make()) for name, make in rows.items()} | {ENGINE: engine_zip()}


def _medicines(day: date) -> Iterator[tuple[str, Json]]:
    """Each presentation by EAN, with every dated price and the size that its equivalents share."""
    prices = Prefetch("prices", queryset=MedicinePrice.objects.order_by("period"))
    for each in Medicine.objects.prefetch_related(prices):
        yield (
            each.ean,
            {
                "name": each.name,
                "inn": each.inn,
                "strength": each.strength,
                "strength_unit": each.strength_unit,
                "form": each.form,
                "presentation": each.presentation,
                "kind": each.kind,
                "table": control(each.inn, day).table,
                "size": size_of(each),
                "prices": [price_row(price) for price in each.prices.all()],
            },
        )


def _acts() -> Iterator[tuple[str, Json]]:
    """Each billable version of an act, by code and first day."""
    billable = Q(flat_tariff_centimes__isnull=False) | (
        ~Q(letter="") & Q(coefficient_hundredths__isnull=False)
    )
    for each in Act.objects.filter(billable):
        row = act_row(each)
        yield (
            f"{each.code}|{row['valid'][0] or ''}",
            {**row, "label": each.label, "label_ar": each.label_ar, "chapter": each.chapter},
        )


def _prescribers(at: datetime) -> Iterator[tuple[str, Json]]:
    """Each key a prescriber ever enrolled, by its thumbprint, with the days it may sign."""
    devices = devices_of_kinds(PRESCRIBING_KINDS, since=None)
    for each in prescriber_keys_output(devices, since=None, at=at)["keys"]:
        yield each["kid"], {name: value for name, value in each.items() if name != "kid"}
