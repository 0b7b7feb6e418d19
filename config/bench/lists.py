"""The lists every town shares: providers with their devices, acts of every kind, medicines with prices."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from uuid import UUID

from psycopg.types.range import Range

from accounts.models import Role, User
from claims.models import Act
from core.record_keys import new_key
from prescriptions.models import Medicine, MedicinePrice
from providers.models import AgreementPeriod, Device, Provider

OPENED = datetime(2025, 1, 6, 9, tzinfo=UTC)
ALWAYS = Range(date(2020, 1, 1), None, "[)")
ENDED = Range(date(2020, 1, 1), date(2026, 11, 1), "[)")

PROVIDERS = 2000
MEDICINES = 400
# Of a hundred providers: so many are public, so many have left the agreement.
PUBLIC_PERCENT, LEFT_PERCENT = 25, 2

# Code, letter, coefficient in hundredths, and what is special about the act.
ACTS: tuple[tuple[str, str, int, dict[str, object]], ...] = (
    ("C", "C", 100, {}),
    ("Cs", "Cs", 100, {}),
    ("CsC", "CsC", 100, {}),
    ("V", "V", 100, {}),
    ("K10", "K", 1000, {}),
    ("K15", "K", 1500, {}),
    ("K30", "Kc", 3000, {}),
    ("K80", "K", 8_000, {"needs_prior_approval": True}),
    ("Z8", "Z", 800, {}),
    ("Z15", "Z", 1500, {}),
    ("B20", "B", 2000, {}),
    ("B35", "B", 3500, {}),
    ("B55", "B", 5500, {}),
    ("B90", "B", 9000, {}),
    ("B7", "B", 750, {}),
    ("D8", "D", 800, {}),
    ("D15", "D", 1500, {}),
    ("DP30", "DP", 3000, {"ceiling": "dental_prosthesis"}),
    ("DP120", "DP", 12_000, {"ceiling": "dental_prosthesis"}),
    ("EST1", "K", 2000, {"covered": False}),
)
FLAT_ACTS: tuple[tuple[str, int, dict[str, object]], ...] = (
    ("FRAME", 22_500, {"frequency": "optical_frame"}),
    ("LENSES", 22_500, {}),
)


@dataclass(frozen=True, slots=True)
class Practice:
    """A provider as lines need it."""

    id: UUID
    device_id: UUID
    user_id: UUID


@dataclass(frozen=True, slots=True)
class Lists:
    """Keys of what the lists hold, and the unit price a provider usually charges, in centimes."""

    practices: tuple[Practice, ...]
    acts: dict[str, UUID]
    medicines: tuple[tuple[UUID, int], ...]
    prescription: UUID


def write_lists(draw: Random) -> Lists:
    """Write the shared lists, with triggers on: the version number of each list is drawn as ever."""
    practices = _write_practices(draw)
    acts = [_act(code, letter, coefficient, special) for code, letter, coefficient, special in ACTS]
    acts += [_flat_act(code, centimes, special) for code, centimes, special in FLAT_ACTS]
    Act.objects.bulk_create(acts)
    medicines = _write_medicines(draw)
    prescription = new_key()  # every dispensing names the same one: settlement reads neither
    return Lists(tuple(practices), {act.code: act.pk for act in acts}, medicines, prescription)


def read_lists() -> Lists:
    """The same, from a stock."""
    devices = Device.objects.order_by("provider__inpe").values_list("provider_id", "id", "user_id")
    prices = MedicinePrice.objects.order_by("medicine__ean", "period")
    return Lists(
        tuple(Practice(*row) for row in devices),
        dict(Act.objects.values_list("code", "id")),
        tuple(dict(prices.values_list("medicine_id", "public_price_centimes")).items()),
        new_key(),
    )


def _write_practices(draw: Random) -> list[Practice]:
    providers, users, devices, agreements = [], [], [], []
    for number in range(PROVIDERS):
        serial = f"{number:04d}"
        provider = Provider(
            inpe=f"1{number:08d}",
            kind="DOCTOR",
            name=f"Cabinet {serial}",
            sector="PUBLIC" if draw.randrange(100) < PUBLIC_PERCENT else "PRIVATE",
        )
        user = User(
            username=f"bench{serial}",
            full_name=f"Praticien {serial}",
            role=Role.PRESCRIBER,
            date_joined=OPENED,
        )
        device = Device(
            provider=provider,
            user=user,
            label="banc",
            kid=f"bench-{serial}",
            public_jwk={},
            prefix=f"Z{serial}",
            state="ACTIVE",
            enrolled_at=OPENED,
        )
        left = draw.randrange(100) < LEFT_PERCENT
        agreements.append(AgreementPeriod(provider=provider, period=ENDED if left else ALWAYS))
        providers.append(provider)
        users.append(user)
        devices.append(device)
    Provider.objects.bulk_create(providers)
    User.objects.bulk_create(users)
    Device.objects.bulk_create(devices)
    AgreementPeriod.objects.bulk_create(agreements)
    return [Practice(each.provider_id, each.pk, each.user_id) for each in devices]


def _act(code: str, letter: str, coefficient: int, special: dict[str, object]) -> Act:
    return Act(
        code=code,
        label=code,
        letter=letter,
        coefficient_hundredths=coefficient,
        period=ALWAYS,
        source="bench",
        search_text=code.lower(),
        **special,
    )


def _flat_act(code: str, centimes: int, special: dict[str, object]) -> Act:
    return Act(
        code=code,
        label=code,
        flat_tariff_centimes=centimes,
        period=ALWAYS,
        source="bench",
        search_text=code.lower(),
        **special,
    )


def _write_medicines(draw: Random) -> tuple[tuple[UUID, int], ...]:
    medicines, prices = [], []
    for number in range(MEDICINES):
        medicine = Medicine(
            ean=f"6118{number:09d}",
            ean_check_is_right=False,
            name=f"MEDICAMENT {number}",
            search_text=f"medicament {number}",
        )
        medicines.append(medicine)
        public = draw.randrange(1_500, 40_000, 5)
        base = public if draw.random() < 0.6 else public * draw.randrange(50, 100) // 100
        rate = 0 if draw.random() < 0.06 else 7000
        changed = date(2026, 6, 1)
        prices.append(
            _price(medicine, Range(ALWAYS.lower, changed, "[)"), public + 500, base, rate)
        )
        prices.append(_price(medicine, Range(changed, None, "[)"), public, base, rate))
    Medicine.objects.bulk_create(medicines)
    MedicinePrice.objects.bulk_create(prices)
    return tuple((each.medicine_id, each.public_price_centimes) for each in prices[1::2])


def _price(
    medicine: Medicine, period: Range[date], public: int, base: int, rate: int
) -> MedicinePrice:
    return MedicinePrice(
        medicine=medicine,
        period=period,
        public_price_centimes=public,
        base_price_centimes=base,
        list_rate_bp=rate,
        source="bench",
    )
