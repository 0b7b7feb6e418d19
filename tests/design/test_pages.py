"""The gallery, the doors and the refusals render whole in both languages."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

PAGES = [
    "gallery.html",
    "public/landing.html",
    "400.html",
    "403.html",
    "403_csrf.html",
    "404.html",
    "429.html",
    "500.html",
    "account/lockout.html",
    "account/signup_closed.html",
    "account/account_inactive.html",
    "account/password_reset_done.html",
]
LANGUAGES = [("fr", "ltr"), ("ar", "rtl")]


def rendered(template: str, language: str) -> str:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with translation.override(language):
        return render_to_string(template, {}, request=request)


@pytest.mark.parametrize(("language", "direction"), LANGUAGES)
@pytest.mark.parametrize("template", PAGES)
def test_page_renders_in_its_direction(template: str, language: str, direction: str) -> None:
    page = rendered(template, language)

    assert f'<html lang="{language}" dir="{direction}">' in page
    assert page.count("<h1") == 1
    assert "<c-" not in page
    assert "{%" not in page


@pytest.mark.parametrize("template", ["500.html", "400.html"])
def test_refusal_renders_without_a_request(template: str) -> None:
    with translation.override("fr"):
        assert "<h1>" in render_to_string(template)


def test_landing_names_three_doors_and_no_login() -> None:
    page = rendered("public/landing.html", "fr")

    assert [address for address in ("/cabinet/", "/pharmacie/", "/assure/") if address in page] == [
        "/cabinet/",
        "/pharmacie/",
        "/assure/",
    ]
    assert "password" not in page


def test_each_language_offers_the_other_one() -> None:
    assert 'value="ar"' in rendered("public/landing.html", "fr")
    assert 'value="fr"' in rendered("public/landing.html", "ar")
