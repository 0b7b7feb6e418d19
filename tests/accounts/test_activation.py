"""Activation: a code opens an account once; whatever is wrong is said, and nothing is written."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Activation, Role, User
from accounts.services import ACTIVATION_LASTS, create_user, issue_activation
from core.models import AuditEvent

pytestmark = pytest.mark.django_db

PASSWORD = "une phrase qui se retient"
REFUSED = {
    "fr": "Ce code n’ouvre aucun compte : il est faux, déjà utilisé ou trop ancien. "
    "Demandez-en un nouveau à l’agence qui vous l’a remis.",
    "ar": "لا يفتح هذا الرمز أي حساب: إما خاطئ أو سبق استعماله أو انتهت مدته. "
    "اطلبوا رمزا جديدا من الوكالة التي سلمتكم إياه.",
}


def newcomer(language: str = "ar") -> User:
    return create_user(
        username="amina",
        full_name="Amina Tazi",
        role=Role.INSURED,
        language=language,
        by="system:test",
        at=timezone.now(),
    )


def send(code: str, password: str = PASSWORD, again: str | None = None, language: str = "fr"):
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    form = {"code": code, "password": password, "again": password if again is None else again}
    return client, client.post("/compte/activation/", form)


def photograph() -> tuple[object, ...]:
    return (
        list(User.objects.values_list()),
        list(Activation.objects.values_list()),
        AuditEvent.objects.count(),
    )


def test_a_good_code_gives_a_password_opens_the_door_and_speaks_the_language() -> None:
    user = newcomer()
    code = issue_activation(user=user, by="system:test", at=timezone.now())

    client, response = send(f" {code[:4]}-{code[4:8]} {code[8:].lower()} ")

    assert (response.status_code, response["Location"]) == (302, "/accueil/")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert 'lang="ar" dir="rtl"' in client.get("/assure/").content.decode()
    assert AuditEvent.objects.filter(action="accounts.user.activated").count() == 1


@pytest.mark.parametrize("language", ["fr", "ar"])
@pytest.mark.parametrize("wrong", ["unknown", "used", "expired", "replaced"])
def test_a_code_that_opens_nothing_is_refused_in_the_same_words(wrong: str, language: str) -> None:
    user = newcomer()
    now = timezone.now()
    issued_at = now - ACTIVATION_LASTS - timedelta(seconds=1) if wrong == "expired" else now
    code = issue_activation(user=user, by="system:test", at=issued_at)
    if wrong == "used":
        send(code)
    elif wrong == "replaced":
        issue_activation(user=user, by="system:test", at=now)
    before = photograph()

    _client, response = send("0000 0000 0000" if wrong == "unknown" else code, language=language)

    assert response.status_code == 422
    assert REFUSED[language] in response.content.decode()
    assert photograph() == before


@pytest.mark.parametrize(
    ("password", "again", "language", "words"),
    [
        ("court", None, "fr", "Ce mot de passe est trop court"),
        ("amina", None, "ar", "كلمة المرور"),
        ("motdepasse123", "motdepasse124", "fr", "Les deux mots de passe diffèrent."),
    ],
)
def test_a_weak_or_mistyped_password_writes_nothing(
    password: str, again: str | None, language: str, words: str
) -> None:
    code = issue_activation(user=newcomer(), by="system:test", at=timezone.now())
    before = photograph()

    _client, response = send(code, password, again, language)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert photograph() == before
    assert send(code)[1].status_code == 302


def test_the_code_is_not_kept() -> None:
    code = issue_activation(user=newcomer(), by="system:test", at=timezone.now())

    assert code not in Activation.objects.get().code_hash
