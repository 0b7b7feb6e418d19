"""The published lists on their way out: what a pack carries beside the law. No person's data."""

from datetime import date
from typing import Any

from claims.adjudication.law import Law
from claims.adjudication.pack import Json, unsigned_pack
from claims.models import Act
from core import seal
from core.money import format_dirhams, format_rate
from insured.models import Illness
from prescriptions.models import MedicinePrice
from providers.models import AgreementPeriod


def sealed_pack(*, law: Law, names: list[str], created_on: date, valid_from: date) -> Json:
    """The law and the lists of these names, sealed: the same database and days give the same bytes.

    Raises SealMissing.
    """
    lists = {name: _LISTS[name]() for name in sorted(names)}
    document = unsigned_pack(
        law=law,
        lists=lists,
        created_at=created_on.isoformat(),
        valid_from=valid_from.isoformat(),
    )
    return seal.seal(document)


def act_row(act: Act) -> Json:
    """One version of an act, as the engine is told it."""
    return {
        "act": act.code,
        "valid": _days(act.period),
        "letter": act.letter or None,
        "coefficient": _hundredths(act.coefficient_hundredths),
        "flat_tariff": _hundredths(act.flat_tariff_centimes),
        "covered": act.covered,
        "needs_prior_approval": act.needs_prior_approval,
        "ceiling": act.ceiling or None,
        "frequency": act.frequency or None,
    }


def price_row(price: MedicinePrice) -> Json:
    """What a medicine costs in a period, as the engine is told it."""
    return {
        "valid": _days(price.period),
        "public_price": _hundredths(price.public_price_centimes),
        "base_price": format_dirhams(price.base_price_centimes),
        "list_rate": format_rate(price.list_rate_bp),
    }


def _acts() -> list[Json]:
    return [act_row(row) for row in Act.objects.order_by("code", "period")]


def _illnesses() -> list[Json]:
    return [
        {
            "code": row.code,
            "valid": _days(row.period),
            "category": row.category or None,
            "rate": None if row.rate_bp is None else format_rate(row.rate_bp),
        }
        for row in Illness.objects.order_by("code", "period")
    ]


def _medicines() -> list[Json]:
    rows = MedicinePrice.objects.select_related("medicine").order_by("medicine__ean", "period")
    return [{"ean": row.medicine.ean, **price_row(row)} for row in rows]


def _providers() -> list[Json]:
    """Each agreement of the register by INPE and sector: no name, no address, no account."""
    rows = AgreementPeriod.objects.select_related("provider").order_by("provider__inpe", "period")
    return [
        {
            "provider": row.provider.inpe,
            "kind": row.provider.kind,
            "sector": row.provider.sector,
            "agreement": _days(row.period),
        }
        for row in rows
    ]


_LISTS = {
    "acts": _acts,
    "illnesses": _illnesses,
    "medicines": _medicines,
    "providers": _providers,
}


def _days(period: Any) -> list[str | None]:
    """First day, and the day after the last or null."""
    return [each and each.isoformat() for each in (period.lower, period.upper)]


def _hundredths(number: int | None) -> str | None:
    return None if number is None else format_dirhams(number)
