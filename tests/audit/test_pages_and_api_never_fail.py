"""Odd addresses, queries, bodies and days: a refusal with a status, never a failure, on every door."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Role
from core.numbers import mint_fse_number
from providers.services import issue_software_token
from tests import world

pytestmark = pytest.mark.django_db

HOSTILE = [
    "",
    "\x00",
    "%00",
    "' OR 1=1 --",
    "\ud7ff\uffff",
    "²",
    "٣" * 12,
    "a" * 5000,
    "../../etc/passwd",
    "{{7*7}}",
    "=cmd|' /C calc'!A0",
    "9" * 400,
    "\u202e",
    "-1",
    "0001-01-01",
    "9999-12-31",
]


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: world.NOW)


@pytest.fixture
def careful() -> Client:
    client = Client(raise_request_exception=False)
    practice = world.practice()
    world.act("C")
    world.medicine()
    token = issue_software_token(
        provider=practice.provider, user=practice.user, software="x", by=practice.user, at=world.NOW
    )
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    client.practice = practice
    return client


@pytest.mark.parametrize(
    "address",
    [
        "acts?q={}",
        "acts?q=consultation&day={}",
        "medicines?q={}",
        "medicines?q=medicament&day={}",
        "claims?day={}",
        "claims?state={}",
        "claims?cursor={}",
        "claims?page_size={}",
        "claims?fse_number={}",
        "statements?cursor={}",
    ],
)
def test_hostile_queries(careful, address: str) -> None:
    path, _, query = address.partition("?")
    pairs = dict(pair.split("=") for pair in query.split("&"))
    for text in HOSTILE:
        asked = {key: value.format(text) for key, value in pairs.items()}
        answer = careful.get(f"/api/v1/{path}", asked)
        assert answer.status_code < 500, (address, text)


@pytest.mark.parametrize(
    "address",
    [
        "medicines/{}",
        "prescriptions/{}",
        "claims/{}",
        "devices/{}/revocation",
        "statements/{}",
        "{}",
    ],
)
def test_hostile_addresses(careful, address: str) -> None:
    for text in HOSTILE[3:]:
        for send in (careful.get, careful.post, careful.delete, careful.put):
            answer = send("/api/v1/" + address.format(text))
            assert answer.status_code < 500, (address, text)


@pytest.mark.parametrize(
    "day", ["0001-01-01", "1582-10-10", "1900-02-28", "2016-02-29", "9999-12-31"]
)
@pytest.mark.parametrize("what", ["rights-checks", "prescriptions", "estimates", "claims"])
def test_days_at_the_ends_of_the_calendar(careful, day: str, what: str) -> None:
    practice, patient = careful.practice, world.person()
    number = mint_fse_number(practice.device.prefix)
    bodies = {
        "rights-checks": {"cin": patient.cin, "day": day},
        "prescriptions": world.prescription_document(
            practice, patient, [world.medicine()], written_on=day, fse_number=number
        ),
        "claims": world.care_document(practice, patient, treatment_end_date=day),
        "estimates": world.care_document(practice, patient, treatment_end_date=day),
    }
    body = bodies[what]
    if what == "estimates":
        body = {"document": body}
    elif what != "rights-checks":
        signed = practice.sign(body)
        body = {"document": signed.document, "signature": signed.signature}
    answer = careful.post(
        f"/api/v1/{what}",
        json.dumps(body),
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY=f"cle-{day}",
    )
    assert answer.status_code < 500, answer.content


def test_hostile_queries_of_pages() -> None:
    client = Client(raise_request_exception=False)
    client.force_login(world.user(Role.INSURED))
    for key in ("personne", "annee", "page"):
        for text in HOSTILE:
            answer = client.get("/assure/dossiers/", {key: text})
            # No person types a null character: a wall refuses it for every page.
            assert answer.status_code == (400 if "\x00" in text else 200), (key, text)


@pytest.mark.parametrize("text", HOSTILE[1:9])
@pytest.mark.parametrize("path", ["/compte/login/", "/compte/activation/", "/langue/"])
def test_hostile_forms_of_strangers(path: str, text: str) -> None:
    client = Client(raise_request_exception=False)
    for fields in (
        {"login": text, "password": text},
        {"code": text, "password": "a long enough one", "again": "a long enough one"},
        {"language": text, "next": text},
        {"language": "ar", "next": "https://evil.example/"},
    ):
        answer = client.post(path, fields)
        assert answer.status_code < 500, (path, fields)
        assert "evil.example" not in answer.headers.get("Location", "")
