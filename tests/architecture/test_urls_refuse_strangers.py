"""Every address of the site, with a stranger and with each wrong role: a refusal, and no change."""

import hashlib
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from claims.models import Claim, Run
from payments import services as payments
from payments.models import PaymentBatch, PaymentOrder
from prescriptions.models import Prescription
from providers.models import Provider
from tests import world
from tests.architecture.addresses import DOORMEN, PUBLIC, Address, every_address
from tests.claims.candidates import a_law
from tests.journeys import family
from tests.payments.test_reversals import GROUNDS

pytestmark = pytest.mark.django_db

SOMEWHERE = "01935b70-11f4-7a51-8a6e-0c3d5b7e9f12"
REFUSED = {401, 403, 404, 405}
# What a malicious form would send: a reason, a confirmation, and fields that exist somewhere.
FORM = {"reason": "parce que", "post": "yes", "username": "intrus", "role": "ADMINISTRATOR"}


def photograph() -> dict[str, str]:
    """A digest of every row of every table of ours; the trace of a reading is not a change."""
    return {
        model._meta.label: hashlib.sha256(
            repr(
                sorted(
                    row
                    for row in map(repr, model._base_manager.values_list())
                    if ".read'" not in row
                )
            ).encode()
        ).hexdigest()
        for room in world.OUR_ROOMS
        for model in apps.get_app_config(room).get_models()
    }


def _rows(model: Any) -> list[str]:
    rows = map(repr, model._base_manager.values_list())
    return sorted(row for row in rows if ".read'" not in row)


@pytest.fixture
def known() -> dict[str, str]:
    """Real things for the parameters of addresses: what is refused exists."""
    home = family.settle()
    prescription = Prescription.objects.get()
    undue_id = undue_of(home.paid)
    shadow = a_law()
    first = {
        model._meta.label_lower.replace(".", "/"): str(model._base_manager.first().pk)
        for room in world.OUR_ROOMS
        for model in apps.get_app_config(room).get_models()
        if not isinstance(model._meta.pk.name, tuple) and model._base_manager.exists()
    }
    return {
        **first,
        "claims/claim": str(home.held.pk),
        "claim_id": str(home.held.pk),
        "order_id": str(PaymentOrder.objects.first().pk),
        "change_id": str(home.change.pk),
        "undue_id": str(undue_id),
        "dispensing_id": str(prescription.dispensings.first().pk)
        if prescription.dispensings.exists()
        else str(prescription.pk),
        "kind": "recu",
        "request_id": str(world.request_of(prescription).pk),
        "law_id": str(shadow.pk),
        "batch_id": str(PaymentBatch.objects.first().pk),
        "run_id": str(a_run().pk),
        "person_id": str(home.holder.pk),
        "patient": str(home.holder.pk),
        "preparation": SOMEWHERE,
        "case_id": SOMEWHERE,
        "version_id": SOMEWHERE,
        "name": "SAME_CARE_AGAIN",
        "pack": SOMEWHERE,
        "pad_id": SOMEWHERE,
        "part": "law",
        "fse": prescription.fse_number,
        "fse_number": prescription.fse_number,
        "kid": prescription.device.kid,
        "ean": prescription.items.first().medicine.ean,
        "object_id": SOMEWHERE,
        "content_type_id": "1",
        "app_label": "claims",
        "url": "nulle-part",
        "pk": "1",
        "key": "1",
        "uidb36": "1",
    }


def a_run() -> Run:
    return Run.objects.create(state="RUNNING", started_at=world.NOW, started_by="x", total=1)


def undue_of(paid: Claim) -> UUID:
    """The debt of a paid claim that two agents took back."""
    asked = payments.ask_reversal(
        claim_id=paid.pk, grounds=GROUNDS, by=world.user(Role.AGENT), at=world.NOW
    )
    reversal = payments.confirm_reversal(
        reversal_id=asked.pk, by=world.user(Role.AGENT), at=world.NOW
    )
    return reversal.undue.pk


def client_of(user: User | None) -> Client:
    client = Client()
    if user is not None:
        if user.works_in_office:
            Authenticator.objects.create(
                user=user, type=Authenticator.Type.TOTP, data={"secret": "x"}
            )
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def answer(client: Client, method: str, address: Address, known: dict[str, str]) -> Any:
    path = address.path(known)
    if method == "GET":
        return client.get(path)
    if path.startswith("/api/"):
        headers = {"HTTP_IDEMPOTENCY_KEY": "une-cle-d-essai"}
        return client.post(path, b"{}", content_type="application/json", **headers)
    return client.post(path, FORM)


def is_refusal(response: Any, address: Address, *, signed_in: bool) -> bool:
    """Whether an answer lets nobody in: a plain no, or the way to sign in."""
    if response.status_code in REFUSED:
        return True
    if response.status_code != 302:
        return False
    # The back office's door sends on to the sign-in page, or home; its short addresses to the full ones.
    doors = [reverse("account_login"), reverse("admin:login")]
    if signed_in and address.route in DOORMEN:
        doors = [reverse("home"), reverse("account_logout")]
    if signed_in and address.route.endswith("<path:object_id>/"):
        doors.append(f"{response.request['PATH_INFO']}change/")
    if signed_in and SOMEWHERE in response.request["PATH_INFO"]:
        doors.append(reverse("admin:index"))  # nothing has this key: said before rights are asked
    return any(response["Location"].startswith(door) for door in doors)


def opened(user: User | None, asked: list[tuple[str, Address]], known: dict[str, str]) -> list[str]:
    """What was not refused of all that was asked, after a check that nothing changed."""
    client, before = client_of(user), photograph()
    found = []
    for method, address in asked:
        response = answer(client, method, address, known)
        if not is_refusal(response, address, signed_in=user is not None):
            found.append(f"{method} {address.route} {response.status_code}")
    assert photograph() == before
    return found


def test_every_address_is_declared_and_every_declaration_is_an_address() -> None:
    addresses = every_address()

    undeclared = [each.route for each in addresses if not each.is_public and each.readers is None]

    assert undeclared == []
    assert set(PUBLIC) - {each.route for each in addresses} == set()


def test_a_stranger_opens_only_what_is_public(known: dict[str, str]) -> None:
    asked = [
        (method, address)
        for address in every_address()
        if not address.is_public
        for method in ("GET", "POST")
    ]

    assert opened(None, asked, known) == []


def test_a_stranger_who_uses_public_pages_changes_nothing(known: dict[str, str]) -> None:
    before = photograph()

    for address in every_address():
        if address.is_public:
            for method in ("GET", "POST"):
                assert answer(Client(), method, address, known).status_code < 500

    assert photograph() == before


@pytest.mark.parametrize("role", Role)
def test_a_wrong_role_is_refused_everywhere(role: Role, known: dict[str, str]) -> None:
    asked = [
        (method, address)
        for address in every_address()
        if not address.is_public and role not in (address.readers or ())
        for method in ("GET", "POST")
    ]

    assert opened(world.user(role), asked, known) == []


@pytest.mark.parametrize("role", sorted(role for role in Role if User(role=role).works_in_office))
def test_who_may_only_read_writes_nothing(role: str, known: dict[str, str]) -> None:
    asked = [
        ("POST", address)
        for address in every_address()
        if role in (address.readers or ()) and role not in (address.writers or ())
    ]

    answers = opened(world.user(Role(role)), asked, known)

    # What answers at all is a list shown again, a way back, or a form with its errors.
    assert {answer.split()[-1] for answer in answers} <= {"200", "302"}
    assert len(asked) > 10


@pytest.mark.parametrize("role", Role)
def test_a_right_role_is_let_in(role: Role, known: dict[str, str]) -> None:
    """The table says who may: pages without parameters answer those people, at work in a practice."""
    user = world.user(role)
    if user.gives_care:
        standing = "DELEGATE" if role == Role.DELEGATE else "SIGNATORY"
        provider = Provider.objects.earliest("pk")
        user.memberships.create(provider=provider, standing=standing, period=world.ALWAYS)
    client = client_of(user)

    shut = []
    for address in every_address():
        if (
            role in (address.readers or ())
            and "<" not in address.route
            and ".*" not in address.route
        ):
            status = client.get(address.path(known)).status_code
            without_query = "autocomplete" in address.route  # refused without saying which list
            may_add = role in (address.writers or ()) or not address.route.endswith("/add/")
            if status >= 500 or (status == 403 and may_add and not without_query):
                shut.append((address.route, status))

    assert shut == []


@pytest.mark.parametrize("role", sorted(role for role in Role if User(role=role).works_in_office))
def test_an_office_role_without_second_factor_is_sent_to_set_one_up(
    role: Role, known: dict[str, str]
) -> None:
    client = Client()
    client.force_login(world.user(Role(role)), backend=settings.AUTHENTICATION_BACKENDS[-1])
    before = photograph()

    inside = []
    for address in every_address():
        path = address.path(known)
        if path.startswith(("/compte/", "/langue/")):
            continue
        for method in ("GET", "POST"):
            response = answer(client, method, address, known)
            if path.startswith("/api/"):
                # The API has no door for office roles, with or without a factor; two pages are public.
                sent = address.is_public or response.status_code in REFUSED
            else:
                sent = response.get("Location", "") == reverse("mfa_activate_totp")
            if not sent:
                inside.append((method, address.route, response.status_code))

    assert inside == []
    assert photograph() == before
