"""Invented logins of one installation: drawn at random, kept under var/, refused when DEBUG=0."""

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Role, User
from accounts.services import activate_account, create_user, issue_activation
from config.demo.doors import Software
from config.demo.papers import RETURNED
from core import audit, signatures
from insured.models import Insured
from insured.selectors import insured_of
from providers.models import Device, Membership
from providers.selectors import device_by_kid, membership_on, provider_by_inpe
from providers.services import enrol_device, issue_software_token

SYSTEM = "system:demo"
PASSWORD_BYTES = 9
SINCE = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class Login:
    """One line of the table that `make demo` prints."""

    login: str
    role: Role
    language: str
    inpe: str = ""
    standing: str = "SIGNATORY"


CARE = (
    Login("medecin", Role.PRESCRIBER, "fr", "091000017"),
    Login("assistante", Role.DELEGATE, "fr", "091000017", "DELEGATE"),
    Login("cardiologue", Role.PRESCRIBER, "fr", "091000066"),
    Login("dermatologue", Role.PRESCRIBER, "fr", "091000157"),
    Login("hopital", Role.PRESCRIBER, "ar", "090000018"),
    Login("dentiste", Role.PRESCRIBER, "fr", "095000013"),
    Login("kinesitherapeute", Role.PRESCRIBER, "fr", "097000011"),
    Login("pharmacien", Role.PHARMACIST, "fr", "092000016"),
    Login("pharmacienne", Role.PHARMACIST, "ar", "092000024"),
    Login("laboratoire", Role.LABORATORY, "fr", "093000015"),
    Login("radiologie", Role.RADIOLOGY, "fr", "094000014"),
)
# Practices of the weeks before (config/demo/past.py): they sign, and nobody signs in as them.
PAST = tuple(
    Login(f"cabinet-{inpe}", Role.PRESCRIBER, "fr", inpe)
    for inpe in (
        "091000025",
        "091000033",
        "091000074",
        "091000116",
        "091000124",
        "091000132",
        "091000090",
    )
)
OFFICE = (
    Login("agent", Role.AGENT, "fr"),
    Login("medecin-conseil", Role.MEDICAL_OFFICER, "fr"),
    Login("controleur", Role.FRAUD_OFFICER, "fr"),
    Login("controleuse", Role.FRAUD_OFFICER, "ar"),
    Login("payeur", Role.PAYMENT_OFFICER, "fr"),
    Login("payeuse", Role.PAYMENT_OFFICER, "ar"),
    Login("auditeur", Role.AUDITOR, "fr"),
    Login("administrateur", Role.ADMINISTRATOR, "fr"),
)
RETURNED_LOGIN = "assuree-virement"
OFFICE_NAMES = {
    "agent": "Samir Idrissi",
    "medecin-conseil": "Dr Houda Alaoui",
    "controleur": "Rachid Senhaji",
    "controleuse": "Siham Ouazzani",
    "payeur": "Nadia Bennis",
    "payeuse": "Latifa Chami",
    "auditeur": "Driss Kettani",
    "administrateur": "Meryem Tahiri",
}


class DemoRefused(RuntimeError):
    """Demonstration logins are never made where real people sign in."""


@dataclass(slots=True)
class Keyring:
    """What the demonstration remembers between runs: passwords, secrets, tokens, private keys."""

    path: Path
    content: dict[str, dict[str, str]]

    @classmethod
    def open(cls) -> "Keyring":
        path = settings.VAR_DIR / "demo" / "keyring.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return cls(path, content)

    def of(self, login: str) -> dict[str, str]:
        return self.content.setdefault(login, {})

    def save(self) -> None:
        self.path.touch(mode=0o600)
        self.path.write_text(json.dumps(self.content, indent=1), encoding="utf-8")


def make_logins(*, at: datetime) -> list[dict[str, str]]:
    """Make the missing logins and return the table: login, role, password, language, secret."""
    if not settings.DEMO_LOGINS:
        raise DemoRefused(
            "Demo logins are refused when DEBUG=0: this installation is not a demonstration."
        )
    keyring = Keyring.open()
    rows = []
    for each in CARE:
        name = provider_by_inpe(each.inpe).name if each.standing == "SIGNATORY" else "Ilham Raïssi"
        user = _user(each, name, keyring, at=at)
        _member(user, each)
        rows.append(_row(each, keyring))
    for each in PAST:
        _member(_unopened(each, at=at), each)
    for each in OFFICE:
        user = _user(each, OFFICE_NAMES[each.login], keyring, at=at)
        _second_factor(user, keyring)
        rows.append(_row(each, keyring))
    for login, language, insured in _members():
        each = Login(login, Role.INSURED, language)
        user = _user(each, _holder(insured), keyring, at=at)
        if insured_of(user) is None:
            insured.user = user
            insured.save(update_fields=["user"])
            audit.record(
                by=SYSTEM,
                at=at,
                action="insured.user.linked",
                subject=insured,
                insured_id=insured.pk,
            )
        rows.append(_row(each, keyring))
    keyring.save()
    return rows


def _members() -> list[tuple[str, str, Insured]]:
    """Three households: the one of the scenario, one that reads Arabic, one whose account was closed."""
    ill = Insured.objects.filter(persons__illnesses__code="E11", persons__relation="SELF")
    first = ill.order_by("registration_number").first()
    if first is None:
        raise DemoRefused(
            "The invented people are not loaded: run `python manage.py load_demo_people`."
        )
    second = (
        Insured.objects.exclude(pk=first.pk)
        .filter(entitlements__scheme="TADAMON")
        .order_by("registration_number")
        .first()
    )
    found = [("assuree", "fr", first)]
    if second is not None:
        found.append(("assure-tadamon", "ar", second))
    found.append((RETURNED_LOGIN, "fr", Insured.objects.get(persons__cin=RETURNED)))
    return found


def _holder(insured: Insured) -> str:
    return insured.persons.get(relation="SELF").full_name


def _user(each: Login, full_name: str, keyring: Keyring, *, at: datetime) -> User:
    known = User.objects.filter(username=each.login).first()
    if known is not None and keyring.of(each.login).get("password"):
        return known
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    with transaction.atomic():
        user = known or create_user(
            username=each.login,
            full_name=full_name,
            role=each.role,
            language=each.language,
            by=SYSTEM,
            at=at,
            is_demo=True,
        )
        code = issue_activation(user=user, by=SYSTEM, at=at)
        activate_account(code=code, password=password, at=at)
    keyring.of(each.login)["password"] = password
    keyring.save()
    return user


def _unopened(each: Login, *, at: datetime) -> User:
    """An account that was never activated: it has no password."""
    known = User.objects.filter(username=each.login).first()
    return known or create_user(
        username=each.login,
        full_name=provider_by_inpe(each.inpe).name,
        role=each.role,
        language=each.language,
        by=SYSTEM,
        at=at,
        is_demo=True,
    )


def _member(user: User, each: Login) -> None:
    provider = provider_by_inpe(each.inpe)
    if membership_on(user, provider, date.today()) is None:  # noqa: DTZ011 (the demo is an edge)
        Membership.objects.create(
            user=user, provider=provider, standing=each.standing, period=DateRange(SINCE, None)
        )


def _second_factor(user: User, keyring: Keyring) -> None:
    kept = keyring.of(user.username)
    if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
        kept["secret"] = generate_totp_secret()
        TOTP.activate(user, kept["secret"])
        keyring.save()


def _row(each: Login, keyring: Keyring) -> dict[str, str]:
    kept = keyring.of(each.login)
    return {
        "login": each.login,
        "role": str(each.role.label),
        "password": kept["password"],
        "language": each.language,
        "secret": kept.get("secret", ""),
    }


def software_of(login: str, *, base_url: str, at: datetime) -> Software:
    """Return the software of a demo practice: its token and its enrolled device, made once."""
    each = next(care for care in (*CARE, *PAST) if care.login == login)
    user = User.objects.get(username=login)
    keyring = Keyring.open()
    kept = keyring.of(login)
    key = _private_key(kept)
    provider = provider_by_inpe(each.inpe)
    if "token" not in kept:
        kept["token"] = issue_software_token(
            provider=provider, user=user, software="Logiciel de démonstration", by=SYSTEM, at=at
        )
    device = _device(user, provider, key, at=at)
    keyring.save()
    return Software(base_url, kept["token"], each.inpe, device.kid, device.prefix, key)


def _private_key(kept: dict[str, str]) -> ec.EllipticCurvePrivateKey:
    if "key" not in kept:
        kept["key"] = (
            ec.generate_private_key(ec.SECP256R1())
            .private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            .decode()
        )
    key = serialization.load_pem_private_key(kept["key"].encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 (we wrote it above)
    return key


def _device(user: User, provider: Any, key: ec.EllipticCurvePrivateKey, *, at: datetime) -> Device:
    jwk = signatures.jwk_of(key.public_key())
    known = device_by_kid(signatures.thumbprint(jwk))
    if known is not None:
        return known
    return enrol_device(
        provider=provider, label="Logiciel de démonstration", public_jwk=jwk, by=user, at=at
    )
