"""Security headers on every answer, errors and the back office included."""

import pytest
from django.db import OperationalError, connection
from django.shortcuts import render
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Role
from tests import world

pytestmark = pytest.mark.django_db
UUID = "01935b6e-7c1a-7e6f-9a5b-3f1f0a4f6c21"


def addresses(patterns=None, prefix: str = "/") -> list[str]:
    """One address a pattern, with invented arguments where it takes some."""
    found: list[str] = []
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            found += addresses(each.url_patterns, prefix + _filled(each.pattern))
        elif isinstance(each, URLPattern):
            found.append(prefix + _filled(each.pattern))
    return sorted({address for address in found if "(" not in address and "^" not in address})


def _filled(pattern) -> str:
    text = str(pattern)
    for name, converter in getattr(pattern, "converters", {}).items():
        kind = type(converter).__name__
        value = {"UUIDConverter": UUID, "IntConverter": "1"}.get(kind, "x")
        text = text.replace(f"<{kind.removesuffix('Converter').lower()}:{name}>", value)
        text = text.replace(f"<{name}>", value)
    return text


@pytest.mark.parametrize("role", [None, Role.INSURED])
def test_every_answer_carries_the_headers(role) -> None:
    client = Client(raise_request_exception=False)
    if role:
        client.force_login(world.user(role))
    visited = addresses()
    assert len(visited) > 40
    for address in [*visited, "/nowhere/", "/api/v1/nowhere", "/static/nowhere.css"]:
        answer = client.get(address)
        assert answer.status_code < 500, address
        policy = answer.headers.get("Content-Security-Policy", "")
        assert "default-src 'none'" in policy, address
        assert "frame-ancestors 'none'" in policy, address
        assert "base-uri 'none'" in policy, address
        assert "form-action 'self'" in policy, address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert answer.headers["X-Frame-Options"] == "DENY", address
        assert answer.headers["Referrer-Policy"] == "same-origin", address
        if not address.startswith("/admin/"):
            assert "unsafe-eval" not in policy, address
        is_public = address.startswith(("/static/", "/api/v1/docs", "/api/v1/schema"))
        if role and answer.status_code == 200 and not is_public:
            assert "no-store" in answer.headers.get("Cache-Control", ""), address


@pytest.mark.parametrize("address", ["/", "/api/v1/claims"])
def test_a_failure_carries_the_headers_and_tells_nothing(address: str, monkeypatch) -> None:
    def broken(_request, *args, **_kwargs):
        if args == ("500.html",):
            return render(_request, "500.html", status=500)
        raise LookupError("CIN QQ987654 of Benjelloun")

    monkeypatch.setattr("config.views.render", broken)
    monkeypatch.setattr("claims.selectors.claims_visible_to", broken)
    client = Client(raise_request_exception=False)
    if address.startswith("/api"):
        client.force_login(world.practice().user)
    answer = client.get(address)

    assert answer.status_code == 500
    assert b"QQ987654" not in answer.content
    assert b"Traceback" not in answer.content
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_database_that_is_down_is_a_page_too() -> None:
    def down(*_args) -> None:
        raise OperationalError("connection to server at CIN QQ987654 failed")

    client = Client(raise_request_exception=False)
    client.force_login(world.user(Role.INSURED))
    with connection.execute_wrapper(down):
        answers = [client.get(address) for address in ("/assure/", "/api/v1/claims", "/admin/")]

    for answer in answers:
        assert answer.status_code == 500
        assert b"QQ987654" not in answer.content
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_cookies_are_for_this_site_only(settings) -> None:
    client = Client()
    client.force_login(world.user(Role.INSURED))
    answer = client.get("/assure/")
    assert answer.status_code == 200
    assert settings.SESSION_COOKIE_HTTPONLY
    for cookie in client.cookies.values():
        assert cookie["samesite"] in {"Lax", "Strict", ""}


@pytest.mark.parametrize(
    "address",
    [
        "/compte/login/?next=https://evil.example/",
        "/compte/login/?next=//evil.example",
        "/langue/?next=//evil.example",
    ],
)
def test_no_door_sends_elsewhere(address: str) -> None:
    person = world.user(Role.INSURED)
    client = Client()
    answer = client.post(
        address, {"login": person.username, "password": "a long enough password", "language": "ar"}
    )
    assert answer.status_code in {200, 302}
    assert "evil.example" not in answer.headers.get("Location", "")


def test_a_wrong_name_and_a_wrong_password_are_answered_alike() -> None:
    person = world.user(Role.INSURED)
    answers = [
        Client().post("/compte/login/", {"login": login, "password": "no such password"})
        for login in (person.username, "nobody-of-this-name")
    ]
    pages = [
        answer.content.decode().replace(login, "LOGIN")
        for answer, login in zip(answers, (person.username, "nobody-of-this-name"), strict=True)
    ]
    assert answers[0].status_code == answers[1].status_code
    assert len(pages[0]) == len(pages[1])


def test_demo_logins_are_refused_outside_a_demonstration(settings) -> None:
    person = world.user(Role.INSURED, is_demo=True)
    client = Client()
    client.force_login(person, backend="accounts.backends.AccountBackend")
    assert client.get("/assure/").status_code == 200
    settings.DEMO_LOGINS = False
    assert client.get("/assure/").status_code == 302
    answer = Client().post(
        "/compte/login/", {"login": person.username, "password": "a long enough password"}
    )
    assert answer.status_code == 200  # the form again, not a way in
