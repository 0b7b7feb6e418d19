"""Gestures of the office: accounts opened with their code, factors removed, tokens, stolen devices."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Activation, Role, User
from core.models import AuditEvent, Transition
from providers.models import SoftwareToken
from tests import world
from tests.office.conftest import with_second_factor

pytestmark = pytest.mark.django_db

SignIn = Callable[[Role], Client]
PASSWORD = "une phrase assez longue"
NEW = "/admin/comptes/nouveau/"


def entry(**fields: str) -> dict[str, str]:
    given = {"username": "nouvelle", "full_name": "Salma Bennis", "role": "AGENT", "language": "fr"}
    return {**given, **fields}


def doctor_entry(**fields: str) -> dict[str, str]:
    given = {"role": "PRESCRIBER", "standing": "SIGNATORY", "first_day": "2026-11-01"}
    return entry(**{"provider": str(world.practice().provider.pk), **given, **fields})


def code_in(answer: Any) -> str:
    found = re.search(r"office-secret\">([0-9A-Z ]+)<", answer.content.decode())
    assert found is not None
    return found.group(1)


def activate(code: str) -> tuple[Client, Any]:
    client = Client()
    form = {"code": code, "password": PASSWORD, "again": PASSWORD}
    return client, client.post("/compte/activation/", form)


def gesture(list_name: str, name: str, row: Any) -> str:
    return reverse(f"admin:{list_name}_{name}", args=[row.pk])


# Accounts


def test_a_doctor_gets_an_account_a_practice_and_a_code_that_works_once(signed_in: SignIn) -> None:
    provider = world.practice().provider
    client = signed_in(Role.ADMINISTRATOR)

    answer = client.post(NEW, doctor_entry(provider=str(provider.pk)))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "http://testserver/compte/activation/" in page
    assert 'lang="fr" dir="ltr"' in page
    assert 'lang="ar" dir="rtl"' in page
    assert "أدخلوا هذا الرمز" in page
    assert provider.inpe in page
    assert "no-store" in answer["Cache-Control"]
    user = User.objects.get(username="nouvelle")
    assert (user.role, user.is_staff, user.has_usable_password()) == ("PRESCRIBER", False, False)
    membership = user.memberships.get()
    assert (membership.provider, membership.standing) == (provider, "SIGNATORY")
    assert (membership.period.lower, membership.period.upper) == (date(2026, 11, 1), None)
    code = code_in(answer)
    assert activate(code)[1]["Location"] == "/accueil/"
    assert activate(code)[1].status_code == 422
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {
        "accounts.user.created",
        "providers.member.enrolled",
        "accounts.activation.issued",
    } <= actions


def test_an_insured_person_gets_the_account_of_the_household(signed_in: SignIn) -> None:
    holder = world.person()
    household = holder.insured
    number = household.registration_number
    given = entry(role="INSURED", registration_number=f"{number[:3]} {number[3:]}")

    answer = signed_in(Role.ADMINISTRATOR).post(NEW, given)

    assert answer.status_code == 200
    assert f"{number} · {holder}" in answer.content.decode()
    household.refresh_from_db()
    assert household.user.username == "nouvelle"
    event = AuditEvent.objects.get(action="insured.user.linked")
    assert (event.insured_id, event.after) == (household.pk, {"user": str(household.user.pk)})


def test_the_code_is_kept_nowhere(signed_in: SignIn, caplog: pytest.LogCaptureFixture) -> None:
    code = code_in(signed_in(Role.ADMINISTRATOR).post(NEW, entry())).replace(" ", "")

    rows = [*Activation.objects.values_list(), *AuditEvent.objects.values_list()]
    rows += [session.get_decoded() for session in Session.objects.all()]
    assert code not in repr(rows)
    assert code not in caplog.text


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"username": "prise"}, 422, "existe déjà"),
        ({"role": "INSURED", "registration_number": "999999999"}, 422, "Aucun foyer ne porte"),
        ({"role": "INSURED"}, 422, "Demandée pour un assuré"),
        ({"role": "PRESCRIBER"}, 422, "Demandé pour un rôle de soins"),
        ({"registration_number": "200000001"}, 422, "Demandée pour un assuré"),
        ({"role": "ROI"}, 422, "ROI"),
    ],
)
def test_a_wrong_entry_writes_nothing_and_says_why(
    fields: dict[str, str], status: int, said: str, signed_in: SignIn
) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    world.user(username="prise")
    before = world.rows_everywhere()

    answer = client.post(NEW, entry(**fields))

    assert answer.status_code == status
    assert said in answer.content.decode()
    assert world.rows_everywhere() == before


def test_a_household_has_one_account_and_the_second_leaves_no_user(signed_in: SignIn) -> None:
    household = world.person().insured
    household.user = world.user(Role.INSURED)
    household.save()
    client = signed_in(Role.ADMINISTRATOR)
    before = world.rows_everywhere()

    given = entry(role="INSURED", registration_number=household.registration_number)
    answer = client.post(NEW, given)

    assert answer.status_code == 409
    assert "Ce foyer a déjà un compte" in answer.content.decode()
    assert world.rows_everywhere() == before


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr", "Un délégué prépare et ne signe pas"), ("ar", "المفوَّض يُعد ولا يوقع")],
)
def test_a_delegate_is_not_made_a_signatory(language: str, said: str, signed_in: SignIn) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    given = doctor_entry(role="DELEGATE")
    before = world.rows_everywhere()

    answer = client.post(NEW, given)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert world.rows_everywhere() == before


# A lost password, a lost second factor


def test_a_new_code_leaves_the_password_until_it_is_used(signed_in: SignIn) -> None:
    user = world.user()
    theirs = Client()
    theirs.force_login(user, backend="accounts.backends.AccountBackend")
    client = signed_in(Role.ADMINISTRATOR)

    first = code_in(client.post(gesture("accounts_user", "code", user)))
    second = code_in(client.post(gesture("accounts_user", "code", user)))

    user.refresh_from_db()
    assert user.check_password("a long enough password")
    assert theirs.get("/postes/").status_code == 200
    assert activate(first)[1].status_code == 422
    assert activate(second)[1].status_code == 302
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert theirs.get("/postes/").status_code == 302


def test_a_code_does_not_stand_for_the_second_factor(signed_in: SignIn) -> None:
    agent = with_second_factor(world.user(Role.AGENT))
    answer = signed_in(Role.ADMINISTRATOR).post(gesture("accounts_user", "code", agent))

    client, entered = activate(code_in(answer))

    assert (entered.status_code, entered["Location"]) == (302, reverse("account_login"))
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/")["Location"].startswith(reverse("account_login"))


def test_a_closed_account_gets_no_code_and_uses_none(signed_in: SignIn) -> None:
    user, client = world.user(), signed_in(Role.ADMINISTRATOR)
    code = code_in(client.post(gesture("accounts_user", "code", user)))
    User.objects.filter(pk=user.pk).update(is_active=False)
    before = world.rows_everywhere()

    answer = client.post(gesture("accounts_user", "code", user))

    assert answer.status_code == 409
    assert "Ce compte est fermé" in answer.content.decode()
    assert activate(code)[1].status_code == 422
    assert world.rows_everywhere() == before


def test_a_lost_second_factor_is_removed_and_sessions_end(signed_in: SignIn) -> None:
    agent = with_second_factor(world.user(Role.AGENT))
    theirs = Client()
    theirs.force_login(agent, backend="accounts.backends.AccountBackend")
    client = signed_in(Role.ADMINISTRATOR)
    url = gesture("accounts_user", "second-facteur", agent)

    answer = client.post(url, {"reason": " téléphone perdu "})

    assert (answer.status_code, answer["Location"]) == (
        302,
        reverse("admin:accounts_user_change", args=[agent.pk]),
    )
    assert not Authenticator.objects.filter(user=agent).exists()
    assert theirs.get("/admin/")["Location"].startswith(reverse("account_login"))
    assert client.get("/admin/").status_code == 200
    event = AuditEvent.objects.get(action="accounts.second_factor.removed")
    assert event.subject_id == str(agent.pk)
    assert event.before == {"types": ["totp"]}
    assert event.after == {"reason": "téléphone perdu", "sessions_ended": 1}


@pytest.mark.parametrize(
    ("has_factor", "reason", "status", "said"),
    [
        (True, " ", 422, "Un motif est nécessaire"),
        (False, "téléphone perdu", 409, "Ce compte n’a aucun second facteur"),
    ],
)
def test_a_factor_is_not_removed_without_reason_or_object(
    has_factor: bool, reason: str, status: int, said: str, signed_in: SignIn
) -> None:
    user = world.user()
    if has_factor:
        with_second_factor(user)
    client = signed_in(Role.ADMINISTRATOR)
    before = (world.rows_everywhere(), Authenticator.objects.count(), Session.objects.count())

    answer = client.post(gesture("accounts_user", "second-facteur", user), {"reason": reason})

    assert answer.status_code == status
    assert said in answer.content.decode()
    after = (world.rows_everywhere(), Authenticator.objects.count(), Session.objects.count())
    assert after == before


@pytest.mark.parametrize("name", ["code", "second-facteur"])
def test_nobody_does_it_to_their_own_account(name: str, signed_in: SignIn) -> None:
    client = signed_in(Role.ADMINISTRATOR)
    own = User.objects.get(role=Role.ADMINISTRATOR)
    before = (world.rows_everywhere(), Authenticator.objects.count())

    answer = client.post(gesture("accounts_user", name, own), {"reason": "pour voir"})

    assert answer.status_code == 403
    assert "C’est votre propre compte" in answer.content.decode()
    assert (world.rows_everywhere(), Authenticator.objects.count()) == before
    page = client.get(reverse("admin:accounts_user_change", args=[own.pk])).content.decode()
    assert "Retirer le second facteur" not in page


# Tokens of software


def token_entry(practice: world.Practice, **fields: str) -> dict[str, str]:
    given = {"software": "Logiciel d’essai", "user": str(practice.user.pk)}
    return {"provider": str(practice.provider.pk), **given, **fields}


def session_status(token: str) -> int:
    return APIClient().get("/api/v1/session", HTTP_AUTHORIZATION=f"Bearer {token}").status_code


def test_a_token_works_until_it_is_revoked(signed_in: SignIn) -> None:
    practice, client = world.practice(), signed_in(Role.ADMINISTRATOR)

    answer = client.post(reverse("admin:providers_softwaretoken_issue"), token_entry(practice))

    found = re.search(r"office-token\">([\w-]{43})<", answer.content.decode())
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    assert found is not None
    token = found.group(1)
    row = SoftwareToken.objects.get()
    assert (row.provider, row.user, row.software) == (
        practice.provider,
        practice.user,
        "Logiciel d’essai",
    )
    assert token not in repr([*SoftwareToken.objects.values_list(), *AuditEvent.objects.values()])
    assert session_status(token) == 200

    revoked = client.post(gesture("providers_softwaretoken", "revoquer", row))

    assert revoked.status_code == 302
    assert session_status(token) == 401
    events = AuditEvent.objects.filter(subject_id=str(row.pk)).order_by("at")
    assert [event.action for event in events] == [
        "providers.token.issued",
        "providers.token.revoked",
    ]
    before = world.rows_everywhere()
    again = client.post(gesture("providers_softwaretoken", "revoquer", row))
    assert again.status_code == 409
    assert "Ce jeton est déjà révoqué" in again.content.decode()
    assert world.rows_everywhere() == before


def test_who_answers_for_a_software_signs_for_its_provider(signed_in: SignIn) -> None:
    practice, stranger = world.practice(), world.practice()
    delegate = world.user(Role.DELEGATE)
    delegate.memberships.create(
        provider=practice.provider, standing="DELEGATE", period=world.ALWAYS
    )
    client = signed_in(Role.ADMINISTRATOR)
    before = world.rows_everywhere()

    for person in (stranger.user, delegate):
        given = token_entry(practice, user=str(person.pk))
        answer = client.post(reverse("admin:providers_softwaretoken_issue"), given)
        assert answer.status_code == 422
        assert f"{person.full_name} n’est pas signataire" in answer.content.decode()

    assert world.rows_everywhere() == before


# A stolen device


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.FRAUD_OFFICER])
def test_an_office_revokes_a_stolen_device_with_a_reason(role: Role, signed_in: SignIn) -> None:
    device, client = world.practice().device, signed_in(role)
    url = gesture("providers_device", "revoquer", device)
    before = world.rows_everywhere()

    silent = client.post(url, {"reason": ""})

    assert silent.status_code == 422
    assert "Un motif est nécessaire" in silent.content.decode()
    assert world.rows_everywhere() == before
    assert client.post(url, {"reason": "vol déclaré"}).status_code == 302
    device.refresh_from_db()
    assert (device.state, device.revoked_at is not None) == ("REVOKED", True)
    move = Transition.objects.get(subject_id=device.pk, to_state="REVOKED")
    assert move.reason == "vol déclaré"
    event = AuditEvent.objects.get(action="providers.device.revoked")
    assert event.after == {"reason": "vol déclaré"}
    again = client.post(url, {"reason": "encore"})
    assert again.status_code == 409
    assert "l’état actuel est « révoqué »" in again.content.decode()


# Who may


def test_gestures_are_made_by_post_and_by_their_roles_only(signed_in: SignIn) -> None:
    practice, user = world.practice(), world.user()
    row = SoftwareToken.objects.create(
        provider=practice.provider,
        user=practice.user,
        software="x",
        token_hash="0" * 64,
        issued_at=timezone.now(),
    )
    may = {
        gesture("accounts_user", "code", user): {Role.ADMINISTRATOR},
        gesture("accounts_user", "second-facteur", user): {Role.ADMINISTRATOR},
        gesture("providers_softwaretoken", "revoquer", row): {Role.ADMINISTRATOR},
        gesture("providers_device", "revoquer", practice.device): {
            Role.ADMINISTRATOR,
            Role.FRAUD_OFFICER,
        },
        NEW: {Role.ADMINISTRATOR},
        reverse("admin:providers_softwaretoken_issue"): {Role.ADMINISTRATOR},
    }
    for role in sorted(Role):
        client = signed_in(role)
        before = world.rows_everywhere()
        for url, roles in may.items():
            if role not in roles:
                assert client.post(url, {"reason": "non"}).status_code == 403, (role, url)
            if url.endswith(("code/", "second-facteur/", "revoquer/")):
                assert client.get(url).status_code in {403, 405}, (role, url)
        assert world.rows_everywhere() == before


def test_a_forged_form_is_refused(signed_in: SignIn) -> None:
    trusted = signed_in(Role.ADMINISTRATOR)
    user = world.user()
    client = Client(enforce_csrf_checks=True)
    client.cookies = trusted.cookies
    before = world.rows_everywhere()

    assert client.post(gesture("accounts_user", "code", user)).status_code == 403
    assert client.post(NEW, entry()).status_code == 403

    assert world.rows_everywhere() == before


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.FRAUD_OFFICER, Role.AUDITOR])
def test_a_page_offers_what_its_reader_may_do(role: Role, signed_in: SignIn) -> None:
    device = world.practice().device
    page = signed_in(role).get(reverse("admin:providers_device_change", args=[device.pk]))

    offered = "Révoquer ce poste" in page.content.decode()

    assert offered == (role != Role.AUDITOR)
