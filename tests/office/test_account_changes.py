"""Changes of account in the back office: asked by one agent, confirmed by another, decided by a third."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from insured.models import Insured
from payments.models import AccountChange
from tests import world

pytestmark = pytest.mark.django_db

NEW = world.rib(820_001)


def form(household: str, **given: str) -> dict[str, str]:
    wanted = {"kind": "INSURED", "number": household, "rib": NEW, "holder": "Zineb"}
    return {**wanted, "document_reference": "A-17", **given}


def deed(client: Client, change: AccountChange, name: str, reason: str = "") -> int:
    address = reverse(f"admin:payments_accountchange_{name}", args=[change.pk])
    return client.post(address, {"reason": reason}).status_code


def test_three_agents_and_one_change(signed_in) -> None:
    number = world.person().insured.registration_number
    one, two, three = (signed_in(Role.AGENT) for _ in range(3))
    asking = reverse("admin:payments_accountchange_ask")

    assert one.post(asking, form(number)).status_code == 302
    change = AccountChange.objects.get()
    assert deed(one, change, "confirmer") == 403
    assert deed(two, change, "confirmer") == 302
    assert deed(two, change, "contester", "au téléphone") == 302
    assert deed(two, change, "reprendre", "vérifié") == 403
    assert deed(three, change, "reprendre") == 422
    assert deed(three, change, "reprendre", "vérifié") == 302
    assert deed(three, change, "refuser", "pièce fausse") == 302

    change.refresh_from_db()
    assert change.state == "REFUSED"
    page = three.get(reverse("admin:payments_accountchange_change", args=[change.pk]))
    assert "pièce fausse" in page.content.decode()
    assert NEW not in page.content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"number": "999999999"}, "Aucun foyer"),
        ({"kind": "PROVIDER", "number": "999999999"}, "n’est pas au registre"),
        ({"rib": NEW[:-1] + "x"}, "sa clé est fausse"),
    ],
)
def test_a_wrong_form_says_what_beside_the_field(
    signed_in, given: dict[str, str], said: str
) -> None:
    number = world.person().insured.registration_number

    answer = signed_in(Role.AGENT).post(
        reverse("admin:payments_accountchange_ask"), form(number, **given)
    )

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not AccountChange.objects.exists()


@pytest.mark.parametrize("role", [Role.PAYMENT_OFFICER, Role.AUDITOR])
def test_others_read_and_decide_nothing(signed_in, role: Role) -> None:
    number = world.person().insured.registration_number
    signed_in(Role.AGENT).post(reverse("admin:payments_accountchange_ask"), form(number))
    change = AccountChange.objects.get()
    reader = signed_in(role)

    page = reader.get(reverse("admin:payments_accountchange_change", args=[change.pk]))

    assert page.status_code == 200
    assert "Votre décision" not in page.content.decode()
    assert deed(reader, change, "confirmer") == 403


def test_a_signatory_has_the_page_and_a_stranger_the_404(client) -> None:
    doctor, other = world.practice(), world.practice()
    client.force_login(doctor.user, backend="accounts.backends.AccountBackend")
    page = client.get("/compte-bancaire/").content.decode()
    assert doctor.provider.name in page
    assert other.provider.name not in page
    asked = {"payee": str(other.provider.pk), "rib": NEW, "holder": "X"}
    assert client.post("/compte-bancaire/demander/", asked).status_code == 404
    assert client.get("/assure/compte/").status_code == 403
    assert not Insured.objects.exists()
