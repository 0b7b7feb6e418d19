"""The API as a software house meets it: real requests, real database, the clock stands still."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from core.signatures import SignedDocument
from providers.services import issue_software_token
from tests import world
from tests.world import Practice

ROOT = "/api/v1/"
_keys = count(1)


class Api:
    """One caller: a person by session, or a software by token."""

    def __init__(self, *, user: User | None = None, token: str = "", csrf: bool = False) -> None:
        self.client = APIClient(enforce_csrf_checks=csrf)
        if user is not None:
            self.client.force_login(user)
        self.headers = {"HTTP_AUTHORIZATION": f"Bearer {token}"} if token else {}

    def get(self, path: str, **query: str) -> Any:
        return self.client.get(ROOT + path, query, **self.headers)

    def delete(self, path: str) -> Any:
        return self.client.delete(ROOT + path, **self.headers)

    def post(self, path: str, body: Any, key: str | None = "") -> Any:
        """Post JSON; a new Idempotency-Key each time unless one, or None, is given."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = dict(self.headers)
        if key is not None:
            headers["HTTP_IDEMPOTENCY_KEY"] = key or f"essai-{next(_keys):06d}"
        return self.client.post(ROOT + path, raw, content_type="application/json", **headers)


def signed_body(signed: SignedDocument) -> dict[str, Any]:
    return {"document": signed.document, "signature": signed.signature}


def signed_by(practice: Practice, document: dict[str, Any]) -> dict[str, Any]:
    """The request body of a document signed by a practice's device."""
    return signed_body(practice.sign(document))


def token_of(practice: Practice) -> str:
    return issue_software_token(
        provider=practice.provider,
        user=practice.user,
        software="Logiciel d’essai",
        by=practice.user,
        at=world.NOW,
    )


def codes(response: Any) -> list[tuple[str, str]]:
    """Pointer and code of each entry error."""
    return [(error["pointer"], error["code"]) for error in response.json()["errors"]]


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a whole problem document (RFC 9457), in both languages."""
    body = response.json()
    assert (response.status_code, body["code"]) == (status, code), body
    assert response["Content-Type"].startswith("application/problem+json")
    assert set(body) == {"type", "title", "status", "detail", "code", "errors", "message"}
    assert body["type"] == f"urn:waraqa:problem:{code}"
    assert body["status"] == status
    for message in (body["message"], *(error["message"] for error in body["errors"])):
        assert set(message) == {"fr", "ar"}
        assert message["fr"]
        assert message["ar"]
    return body


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: world.NOW)


@pytest.fixture
def nothing_changes() -> Callable[[], AbstractContextManager[None]]:
    """A context that proves that no row of any table was added, removed or changed in number."""

    @contextmanager
    def unchanged() -> Iterator[None]:
        before = world.rows_everywhere()
        yield
        assert world.rows_everywhere() == before

    return unchanged


@pytest.fixture
def doctor() -> Practice:
    world.act("C")
    return world.practice()


@pytest.fixture
def shop() -> Practice:
    return world.pharmacy()


@pytest.fixture
def patient() -> Any:
    return world.person()


@pytest.fixture
def box() -> Any:
    return world.medicine()


@pytest.fixture
def as_doctor(doctor: Practice) -> Api:
    return Api(user=doctor.user)


@pytest.fixture
def as_pharmacist(shop: Practice) -> Api:
    return Api(user=shop.user)


@pytest.fixture
def prescription(doctor: Practice, patient: Any, box: Any) -> Any:
    return world.prescribe(doctor, world.prescription_document(doctor, patient, [box]))
