"""Signing in: by password, then by the second factor; locked out after five failures; out on leaving."""

import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axes.models import AccessAttempt
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import CARE_ROLES, OFFICE_ROLES, Role, User
from tests import world

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
LOGIN = "/compte/login/"
LOCKED = {
    "fr": "Cinq mots de passe refusés de suite : l’entrée se ferme un quart d’heure pour cet identifiant.",
    "ar": "رُفضت خمس كلمات مرور متتالية: يُغلق الدخول ربع ساعة بالنسبة لاسم المستخدم هذا.",
}


def sign_in(client: Client, user: User, password: str = PASSWORD):
    return client.post(LOGIN, {"login": user.username, "password": password})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def with_totp(user: User) -> User:
    TOTP.activate(user, generate_totp_secret())
    return user


def code_of(user: User) -> str:
    """What `demo_code` prints."""
    out = StringIO()
    call_command("demo_code", user.username, stdout=out)
    return out.getvalue().strip()


def test_a_person_enters_by_password_and_pages_turn_to_their_language() -> None:
    client = Client()

    response = sign_in(client, world.user(Role.INSURED, language="ar"))

    assert (response.status_code, response["Location"]) == (302, "/accueil/")
    assert 'lang="ar" dir="rtl"' in client.get("/assure/").content.decode()


def test_a_wrong_password_does_not_enter() -> None:
    client = Client()

    response = sign_in(client, world.user(Role.INSURED), "un autre mot de passe")

    assert response.status_code == 200
    assert "L’identifiant et le mot de passe ne vont pas ensemble." in response.content.decode()
    assert not is_in(client)


def test_a_closed_account_does_not_enter() -> None:
    client = Client()

    sign_in(client, world.user(Role.INSURED, is_active=False))

    assert not is_in(client)


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_an_office_role_sets_up_a_second_factor_before_anything_else(role: str) -> None:
    client = Client()
    sign_in(client, world.user(Role(role)))

    response = client.get("/admin/")

    assert response["Location"] == reverse("mfa_activate_totp")
    # A second factor is changed by somebody who has just proved the password again.
    proof = client.get(response["Location"])["Location"]
    assert proof.startswith(reverse("account_reauthenticate"))
    assert client.post(proof, {"password": PASSWORD})["Location"] == response["Location"]
    assert client.get(response["Location"]).status_code == 200


@pytest.fixture
def within_one_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock codes are made from: a code lasts thirty seconds, and tests may straddle two."""
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)


@pytest.mark.usefixtures("within_one_code")
@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_after_the_password_one_is_not_inside_before_the_code(role: str) -> None:
    client, user = Client(), with_totp(world.user(Role(role), is_demo=True))

    response = sign_in(client, user)

    assert response["Location"].startswith(reverse("mfa_authenticate"))
    assert not is_in(client)
    assert client.get("/admin/")["Location"].startswith(LOGIN)
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert (wrong.status_code, is_in(client)) == (200, False)
    client.post(reverse("mfa_authenticate"), {"code": code_of(user)})
    assert is_in(client)
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("within_one_code")
def test_a_code_is_not_used_twice() -> None:
    user = with_totp(world.user(Role.AGENT, is_demo=True))
    code = code_of(user)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, user)
        client.post(reverse("mfa_authenticate"), {"code": code})

    assert (is_in(first), is_in(second)) == (True, False)


@pytest.mark.usefixtures("within_one_code")
def test_an_office_person_keeps_the_last_second_factor() -> None:
    client, user = Client(), with_totp(world.user(Role.AUDITOR, is_demo=True))
    sign_in(client, user)
    client.post(reverse("mfa_authenticate"), {"code": code_of(user)})

    client.post(reverse("mfa_deactivate_totp"))

    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


@pytest.mark.parametrize("language", ["fr", "ar"])
@override_settings(AXES_ENABLED=True)
def test_five_failures_close_the_door_and_the_right_password_does_not_open_it(
    language: str,
) -> None:
    client, user = Client(headers={"accept-language": language}), world.user(Role.INSURED)
    answers = [sign_in(client, user, f"faux numéro {n}").status_code for n in range(5)]

    locked = sign_in(client, user)

    assert answers == [200, 200, 200, 200, 429]
    assert locked.status_code == 429
    assert LOCKED[language] in locked.content.decode()
    assert not is_in(client)
    assert sign_in(Client(), user).status_code == 429  # another browser, the same place
    assert AccessAttempt.objects.get().failures_since_start >= 5
    assert sign_in(Client(), world.user(Role.INSURED)).status_code == 302  # nobody else is shut out


@override_settings(AXES_ENABLED=True)
def test_a_right_password_forgets_earlier_failures() -> None:
    client, user = Client(), world.user(Role.INSURED)
    for n in range(4):
        sign_in(client, user, f"faux numéro {n}")

    sign_in(client, user)

    assert is_in(client)
    assert not AccessAttempt.objects.exists()


def test_demo_code_is_for_demonstration_accounts_with_a_factor_only() -> None:
    real, bare = with_totp(world.user(Role.AGENT)), world.user(Role.AGENT, is_demo=True)

    for user in (real, bare):
        with pytest.raises(CommandError, match="No demonstration account"):
            code_of(user)
    with override_settings(DEMO_LOGINS=False), pytest.raises(CommandError, match="DEBUG=0"):
        code_of(with_totp(bare))


@override_settings(DEMO_LOGINS=False)
def test_demonstration_logins_are_refused_where_they_are_not_allowed() -> None:
    demo, real = world.user(Role.INSURED, is_demo=True), world.user(Role.INSURED)
    clients = {user.pk: Client() for user in (demo, real)}
    for user in (demo, real):
        sign_in(clients[user.pk], user)

    assert (is_in(clients[demo.pk]), is_in(clients[real.pk])) == (False, True)


def test_a_demonstration_session_ends_the_day_they_are_not_allowed() -> None:
    client, user = Client(), world.user(Role.INSURED, is_demo=True)
    sign_in(client, user)
    assert client.get("/assure/").status_code == 200

    with override_settings(DEMO_LOGINS=False):
        response = client.get("/assure/")

    assert response["Location"].startswith(LOGIN)


@pytest.mark.parametrize("role", sorted(CARE_ROLES))
def test_care_roles_find_the_pages_of_passkeys(role: str) -> None:
    client = Client()
    sign_in(client, world.user(Role(role)))

    assert client.get(reverse("mfa_index")).status_code == 200
    assert client.get(reverse("mfa_list_webauthn")).status_code == 200
    response = client.get(reverse("mfa_add_webauthn"), follow=True)
    assert response.status_code == 200


def test_leaving_ends_the_session() -> None:
    client = Client()
    sign_in(client, world.user(Role.INSURED))
    stolen = client.cookies["sessionid"].value

    client.post("/compte/logout/")
    thief = Client()
    thief.cookies["sessionid"] = stolen

    assert not is_in(client)
    assert thief.get("/assure/")["Location"].startswith(LOGIN)


def test_a_signed_in_page_is_kept_by_no_cache() -> None:
    client = Client()
    sign_in(client, world.user(Role.INSURED))

    assert "no-store" in client.get("/assure/")["Cache-Control"]
