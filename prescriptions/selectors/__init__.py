"""Reading the medicine list and prescriptions."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import reduce
from operator import and_
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Prefetch, Q, QuerySet, When
from django.utils.module_loading import import_string
from django.utils.timezone import localdate

from core.pipeline import Question, ask
from core.search import searchable
from prescriptions.models import (
    DispensedItem,
    Dispensing,
    Medicine,
    MedicinePrice,
    PrescribedItem,
    Prescription,
    PrescriptionCode,
)
from prescriptions.states import PRESCRIPTION_MACHINE, DispensingState, PrescriptionState
from providers.models import Provider
from providers.selectors import zones_in_outage

SIMILAR_ENOUGH = 0.45
OVER = [
    str(state)
    for state in PrescriptionState
    if not PRESCRIPTION_MACHINE.accepts("validity_end", state)
]
ENDING = [
    str(state) for state in PrescriptionState if PRESCRIPTION_MACHINE.accepts("validity_end", state)
]


def delay(name: str, day: date) -> int:
    """Return a legal delay in force on `day`; the law is above this room, config says where."""
    return int(import_string(settings.LAW)().at(day).delay(name))


def patient_id_of_sheet(fse_number: str) -> Any:
    """Return the key of the patient whose care sheet bears a number, or None; config says where."""
    return import_string(settings.SHEET_OWNER)(fse_number)


def search_medicines(query: str, *, day: date, limit: int = 20) -> list[Medicine]:
    """Return medicines by EAN, brand or INN, best first; accents and small typing errors are forgiven.

    Every word of `query` is in what is found; where nothing holds them all, what is written alike is found.
    Each carries `price` (the MedicinePrice in force on `day`, or None).
    """
    words = searchable(query)
    if not words:
        return []
    known = _with_prices(Medicine.objects.all(), day)
    if words.isdigit():
        return with_price(known.filter(ean__startswith=words).order_by("ean")[:limit])
    each_word = words.split()
    holds_all = reduce(and_, (Q(search_text__contains=word) for word in each_word))
    begins_all = reduce(
        and_,
        (
            Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
            for word in each_word
        ),
    )
    rank = Case(When(search_text__startswith=words, then=0), When(begins_all, then=1), default=2)
    found = known.filter(holds_all).order_by(rank, "name", "ean")[:limit]
    return with_price(found) or with_price(_written_alike(words, known, limit))


def _written_alike(words: str, known: QuerySet[Medicine], limit: int) -> list[Medicine]:
    """The medicines whose text holds something like `words`, the likest first.

    The trigram index finds the few to compare; the planner thinks that comparing all of them costs less.
    """
    _index_only, keys, _as_before = ask(
        Question(
            "SELECT set_config('enable_seqscan', 'off', true),"
            " set_config('pg_trgm.word_similarity_threshold', %s, true)",
            [str(SIMILAR_ENOUGH)],
            tuple,
        ),
        Question(
            "SELECT id FROM prescriptions_medicine WHERE %s <%% search_text"
            " ORDER BY word_similarity(%s, search_text) DESC, name, ean LIMIT %s",
            [words, words, limit],
            lambda rows: [key for (key,) in rows],
        ),
        Question("SELECT set_config('enable_seqscan', 'on', true)", [], tuple),
    )
    found = {each.pk: each for each in known.filter(pk__in=keys)}
    return [found[key] for key in keys]


def medicine_by_ean(ean: str, *, day: date) -> Medicine | None:
    """Return one medicine, with its `price` on `day`."""
    found = with_price(_with_prices(Medicine.objects.filter(ean=ean), day))
    return found[0] if found else None


def priced(medicines: QuerySet[Medicine], *, day: date) -> list[Medicine]:
    """Return these medicines, each with its `price` on `day`."""
    return with_price(_with_prices(medicines, day))


def _with_prices(medicines: QuerySet[Medicine], day: date) -> QuerySet[Medicine]:
    in_force = MedicinePrice.objects.filter(period__contains=day)
    return medicines.prefetch_related(Prefetch("prices", queryset=in_force, to_attr="in_force"))


def with_price(medicines: Iterable[Medicine]) -> list[Medicine]:
    """Return the medicines, each with the attribute `price`."""
    listed = list(medicines)
    for medicine in listed:
        prices = medicine.in_force  # type: ignore[attr-defined]
        medicine.price = prices[0] if prices else None  # type: ignore[attr-defined]
    return listed


def prices_of(medicine_ids: Iterable[Any]) -> dict[Any, list[MedicinePrice]]:
    """Return every dated price of these medicines, by medicine."""
    by_medicine: dict[Any, list[MedicinePrice]] = {}
    for price in MedicinePrice.objects.filter(medicine_id__in=set(medicine_ids)):
        by_medicine.setdefault(price.medicine_id, []).append(price)
    return by_medicine


def prescription_by_number(fse_number: str, *, instance: int | None = None) -> Prescription | None:
    """Return a prescription with its lines and what was dispensed of them.

    Of a repeated one: the instance asked, else the current one, which is the first that is not over.
    """
    found = instances_of(fse_number)
    if instance is not None:
        return next((each for each in found if each.instance == instance), None)
    return next((each for each in found if each.state not in OVER), found[-1] if found else None)


def instances_of(fse_number: str) -> list[Prescription]:
    """Return every instance of a prescription, first to last."""
    return list(
        _with_lines(Prescription.objects.filter(fse_number=fse_number)).order_by("instance")
    )


def code_of(fse_number: str) -> str | None:
    """Return the signed code of a prescription, whichever of its instances is open; None without one."""
    kept = PrescriptionCode.objects.filter(prescription__fse_number=fse_number).first()
    return kept.text if kept else None


def due_prescriptions(at: datetime, *, limit: int) -> list[UUID]:
    """Return keys of prescriptions for which the clock has something to do at `at`, oldest first."""
    today = localdate(at)
    ended = today - timedelta(days=delay("dispensing_arrival_days", today))
    over = Q(state__in=ENDING, valid_until__lte=ended)
    # Where an outage may have moved the end, only who touches the prescription looks closer.
    zones = zones_in_outage(ended - timedelta(days=delay("outage_grace_days", today)))
    spared = Q(prescriber__territory__in=zones) if zones else Q(pk__in=[])
    due = Prescription.objects.filter(
        Q(custody_until__lte=at)
        | Q(hold_until__lte=at)
        | Q(state=PrescriptionState.SCHEDULED, starts_on__lte=today)
        | (Q(pk__in=[]) if zones is None else over & ~spared)
    )
    return list(due.order_by("pk").values_list("pk", flat=True)[:limit])


def _with_lines(prescriptions: QuerySet[Prescription]) -> QuerySet[Prescription]:
    items = PrescribedItem.objects.select_related("medicine").order_by("position")
    return prescriptions.select_related(
        "patient", "insured", "prescriber", "custodian"
    ).prefetch_related(Prefetch("items", queryset=items))


def prescription_for_office(key: Any) -> Prescription | None:
    """Return a prescription with its lines for an officer's page; the caller records the reading."""
    return _with_lines(Prescription.objects.filter(pk=key)).first()


def dispensing_for_office(key: Any) -> Dispensing | None:
    """Return a dispensing with its boxes for an officer's page; the caller records the reading."""
    related = ("prescription__patient", "insured", "pharmacy", "author", "presence")
    handed = DispensedItem.objects.select_related("medicine", "item__medicine")
    return (
        Dispensing.objects.select_related(*related)
        .prefetch_related(Prefetch("items", queryset=handed.order_by("item__position")))
        .filter(pk=key)
        .first()
    )


def disputes_waiting() -> int:
    """Count the hand-overs that an insured person says not to have received."""
    return Dispensing.objects.filter(state=DispensingState.DISPUTED).count()


def is_open_to(pharmacy: Provider, prescription: Prescription) -> bool:
    """Whether a pharmacy holds a prescription or handed over from it; one without a secret is open."""
    if not prescription.document.get("secret") or prescription.custodian_id == pharmacy.pk:
        return True
    number = prescription.fse_number
    handed_over = Dispensing.objects.filter(prescription__fse_number=number, pharmacy=pharmacy)
    return handed_over.exists()


def dated_prices() -> Iterator[tuple[UUID, str, Any, int | None, int, int]]:
    """Return every price of the list, oldest first: medicine, EAN, period, public price, base (centimes)
    and rate (basis points)."""
    rows = MedicinePrice.objects.order_by("medicine_id", "period").values_list(
        "medicine_id",
        "medicine__ean",
        "period",
        "public_price_centimes",
        "base_price_centimes",
        "list_rate_bp",
    )
    return rows.iterator(chunk_size=5000)
