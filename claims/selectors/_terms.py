"""Published lists kept in memory by each process: acts, prices, providers under agreement.

They are read again when their version changes (`core.list_versions`): a judgement sees one state of
each list, and a price list replaced in mid-run serves the next batch.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from claims.adjudication.facts import ProviderFacts, Sector
from claims.models import Act
from core.list_versions import versions_question
from core.periods import Period
from core.pipeline import Question
from core.record_keys import TextKey
from prescriptions.selectors import dated_prices
from providers.selectors import agreements_of

LISTS = ("claims_act", "prescriptions_medicine", "prescriptions_medicineprice")
PROVIDERS = ("providers_provider", "providers_agreementperiod")


class ActTerms(NamedTuple):
    """What the list of acts says of one version of an act; coefficient in hundredths, centimes."""

    code: str
    letter: str | None
    coefficient: int | None
    flat_tariff: int | None
    covered: bool
    needs_prior_approval: bool
    ceiling: str | None
    frequency: str | None
    period: Period
    label: str
    label_ar: str

    @property
    def is_billable(self) -> bool:
        """Whether the act has what a tariff needs: a flat tariff, or a letter and a coefficient."""
        return self.flat_tariff is not None or bool(self.letter and self.coefficient)


class PriceTerms(NamedTuple):
    """A medicine's price in a period: centimes and basis points."""

    period: Period
    public_price: int | None
    base_price: int
    list_rate: int


class MedicineTerms(NamedTuple):
    """A medicine's number and its dated prices, oldest first."""

    ean: str
    prices: tuple[PriceTerms, ...]

    def on(self, day: date) -> PriceTerms | None:
        """Return the price in force on `day`, or None."""
        for price in self.prices:
            if price.period.contains(day):
                return price
        return None


@dataclass(slots=True)
class Terms:
    """The lists as they stood at one version of each."""

    versions: dict[str, Any]
    acts: dict[TextKey, ActTerms] = field(default_factory=dict)
    acts_by_code: dict[str, list[TextKey]] = field(default_factory=dict)
    medicines: dict[TextKey, MedicineTerms] = field(default_factory=dict)
    providers: dict[TextKey, ProviderFacts] = field(default_factory=dict)

    def act(self, key: TextKey) -> ActTerms:
        """Return an act; the list is read when it is not known yet. Raises KeyError."""
        try:
            return self.acts[key]
        except KeyError:
            self._read_acts()
            return self.acts[key]

    def act_on(self, code: str, day: date) -> TextKey | None:
        """Return the key of the version of an act in force on `day`, or None."""
        if not self.acts:
            self._read_acts()
        keys = self.acts_by_code.get(code, ())
        return next((key for key in keys if self.acts[key].period.contains(day)), None)

    def listed_act(self, key: TextKey) -> Act:
        """Return an act as it is called, for who reads a line; the rest of its row is not there."""
        terms = self.act(key)
        return Act(id=UUID(key), code=terms.code, label=terms.label, label_ar=terms.label_ar)

    def _read_acts(self) -> None:
        self.acts.update(_acts())
        self.acts_by_code.clear()
        for key, terms in self.acts.items():
            self.acts_by_code.setdefault(terms.code, []).append(key)

    def learn_medicines(self, keys: Iterable[TextKey]) -> None:
        """Read the prices when one of `keys` is not known yet: one query, or none."""
        if any(key not in self.medicines for key in keys):
            self.medicines.update(_medicines())

    def medicine(self, key: TextKey) -> MedicineTerms:
        """Return a medicine that was learnt. Raises KeyError for one without any price."""
        return self.medicines[key]

    def learn_providers(self, keys: Iterable[TextKey]) -> None:
        """Read the providers among `keys` that are not known yet: one query, or none."""
        unknown = [key for key in keys if key not in self.providers]
        if unknown:
            self.providers.update(_providers(unknown))


class _Memory:
    """The one Terms of this process."""

    terms = Terms({})


def current_terms() -> Question[Terms]:
    """Ask for the lists in memory, renewed where they changed."""
    versions = versions_question()
    return Question(
        versions.text, versions.values, lambda rows: _renewed(versions.understand(rows))
    )


def _renewed(versions: dict[str, Any]) -> Terms:
    known = _Memory.terms
    if versions == known.versions:
        return known
    fresh = Terms(versions)
    if _same(versions, known.versions, LISTS):
        fresh.acts, fresh.acts_by_code = known.acts, known.acts_by_code
        fresh.medicines = known.medicines
    if _same(versions, known.versions, PROVIDERS):
        fresh.providers = known.providers
    _Memory.terms = fresh
    return fresh


def _same(new: dict[str, Any], old: dict[str, Any], names: Iterable[str]) -> bool:
    return all(new.get(name) == old.get(name) for name in names)


def _acts() -> dict[TextKey, ActTerms]:
    rows = Act.objects.values_list(
        "id",
        "code",
        "letter",
        "coefficient_hundredths",
        "flat_tariff_centimes",
        "covered",
        "needs_prior_approval",
        "ceiling",
        "frequency",
        "period",
        "label",
        "label_ar",
    )
    return {
        str(key): ActTerms(
            code,
            letter or None,
            coefficient,
            flat,
            covered,
            approval,
            ceiling or None,
            frequency or None,
            as_period(period),
            label,
            label_ar,
        )
        for (
            key,
            code,
            letter,
            coefficient,
            flat,
            covered,
            approval,
            ceiling,
            frequency,
            period,
            label,
            label_ar,
        ) in rows
    }


def _medicines() -> dict[TextKey, MedicineTerms]:
    found: dict[UUID, tuple[str, list[PriceTerms]]] = {}
    for key, ean, period, public, base, rate in dated_prices():
        prices = found.setdefault(key, (ean, []))[1]
        prices.append(PriceTerms(as_period(period), public, base, rate))
    return {str(key): MedicineTerms(ean, tuple(prices)) for key, (ean, prices) in found.items()}


def _providers(keys: list[TextKey]) -> dict[TextKey, ProviderFacts]:
    found: dict[UUID, tuple[str, str, list[Period]]] = {}
    for key, inpe, sector, period in agreements_of(keys):
        periods = found.setdefault(key, (inpe, sector, []))[2]
        if period is not None:
            periods.append(as_period(period))
    return {
        str(key): ProviderFacts(inpe, Sector(sector), tuple(periods))
        for key, (inpe, sector, periods) in found.items()
    }


def as_period(value: Any) -> Period:
    """Return a Postgres daterange as the engine's period."""
    return period_of(value.lower, value.upper)


def period_of(start: date | None, end: date | None) -> Period:
    """Return the engine's period between two bounds, absent where it is open."""
    return Period(start or date.min, end)


__all__ = ["ActTerms", "MedicineTerms", "PriceTerms", "Terms", "as_period", "current_terms"]
