"""The invented country of a drill: practices with keys and tokens, households, lists, officers."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Role, User
from claims.models import Act
from config.demo.doors import Software
from core import signatures
from insured.models import Entitlement, Insured, Person
from payments.models import PayeeAccount
from prescriptions.models import Medicine, MedicinePrice
from providers.models import AgreementPeriod, Membership, Provider, ProviderKind
from providers.services import enrol_device, issue_software_token

SYSTEM = "system:drill"
ALWAYS = DateRange(date(2020, 1, 1), None)
DOCTORS, PHARMACIES, OFFICERS = 10, 2, 3
# Each household of the second kind is for one pair of claims on one ceiling.
HOUSEHOLDS, AT_A_CEILING = 60, 200
TIMEOUT_SECONDS = 10.0
ACTS = ("C", "Cs", "CsC", "V")
CEILING_ACT = "SPR"
UNREADABLE_ACT = "ILLISIBLE"
EAN = "6118000000014"
OFFICER = "payeur-{}"


@dataclass(frozen=True)
class Country:
    """What the harness needs to file claims: the software of each practice, and who is ill."""

    doctors: list[Software]
    pharmacies: list[Software]
    patients: list[str]
    at_a_ceiling: list[str]


@transaction.atomic
def found(
    *,
    base_url: str,
    seed: str,
    at: datetime,
    doctors: int = DOCTORS,
    households: int = HOUSEHOLDS,
    at_a_ceiling: int = AT_A_CEILING,
) -> Country:
    """Create the country in an empty database."""
    draw = Random(seed)
    for code in ACTS:
        _act(code, letter=code)
    _act(CEILING_ACT, letter="D", coefficient_hundredths=20_000, ceiling="dental_prosthesis")
    _act(UNREADABLE_ACT, letter="D", coefficient_hundredths=100, ceiling="unknown_to_the_law")
    _medicine()
    for number in range(OFFICERS):
        _user(OFFICER.format(number), Role.PAYMENT_OFFICER)
    return Country(
        doctors=[_practice(n, "DOCTOR", base_url, draw, at) for n in range(doctors)],
        pharmacies=[
            _practice(doctors + n, "PHARMACY", base_url, draw, at) for n in range(PHARMACIES)
        ],
        patients=[_household(n, draw) for n in range(households)],
        at_a_ceiling=[_household(households + n, draw) for n in range(at_a_ceiling)],
    )


def _act(code: str, **fields: object) -> None:
    values = {"coefficient_hundredths": 100, **fields}
    Act.objects.create(
        code=code, label=f"Acte {code}", period=ALWAYS, source="drill", search_text=code, **values
    )


def _medicine() -> None:
    box = Medicine.objects.create(
        ean=EAN, ean_check_is_right=False, name="DRILLINE", search_text="drilline"
    )
    MedicinePrice.objects.create(
        medicine=box,
        period=ALWAYS,
        public_price_centimes=7500,
        base_price_centimes=6000,
        list_rate_bp=7000,
        source="drill",
    )


def _practice(number: int, kind: str, base_url: str, draw: Random, at: datetime) -> Software:
    role = Role.PHARMACIST if kind == ProviderKind.PHARMACY else Role.PRESCRIBER
    provider = Provider.objects.create(
        inpe=f"{300000000 + number}",
        kind=kind,
        name=f"Cabinet {number}",
        sector="PRIVATE",
        address="1 rue de l’Exercice, Rabat",
    )
    AgreementPeriod.objects.create(provider=provider, period=ALWAYS)
    PayeeAccount.objects.create(
        provider=provider, rib=_rib(800_000 + number, draw), holder=provider.name, period=ALWAYS
    )
    owner = _user(f"soignant-{number}", role)
    Membership.objects.create(
        user=owner, provider=provider, standing=Membership.Standing.SIGNATORY, period=ALWAYS
    )
    key = ec.generate_private_key(ec.SECP256R1())
    device = enrol_device(
        provider=provider,
        label="drill",
        public_jwk=signatures.jwk_of(key.public_key()),
        by=owner,
        at=at,
    )
    token = issue_software_token(provider=provider, user=owner, software="drill", by=SYSTEM, at=at)
    return Software(base_url, token, provider.inpe, device.kid, device.prefix, key, TIMEOUT_SECONDS)


def _household(number: int, draw: Random) -> str:
    insured = Insured.objects.create(registration_number=f"{400000000 + number}")
    Entitlement.objects.create(insured=insured, scheme="SALARIED", period=ALWAYS)
    PayeeAccount.objects.create(
        insured=insured, rib=_rib(number, draw), holder=f"Titulaire {number}", period=ALWAYS
    )
    born = date(1950 + draw.randrange(50), 1 + draw.randrange(12), 1)
    person = Person.objects.create(
        insured=insured,
        relation="SELF",
        first_name="Invente",
        last_name=f"Drill{number}",
        birth_date=born,
        sex=draw.choice("FM"),
        cin=f"ZZ{number:05d}",
    )
    return str(person.pk)


def _user(username: str, role: Role) -> User:
    user = User(username=username, full_name=username, role=role, is_staff=False)
    user.is_staff = user.works_in_office
    user.set_password(secrets.token_urlsafe())
    user.save()
    return user


def _rib(number: int, draw: Random) -> str:
    body = f"999780{draw.randrange(10_000):04d}{number:012d}"
    return f"{body}{97 - int(body) * 100 % 97:02d}"
