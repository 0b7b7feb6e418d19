"""Records of another practice, another pharmacy and another family are found in nothing one may open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.http import HttpResponse
from django.test import Client

from accounts.models import Role, User
from claims.models import Claim
from core.models import AuditEvent
from insured.models import LongTermIllness, Person
from payments.models import PayeeAccount, PaymentOrder
from payments.presenters.statement import statement_of
from payments.selectors import orders_visible_to
from prescriptions.models import Prescription
from providers.models import Provider
from tests import world
from tests.architecture.addresses import every_address
from tests.architecture.test_urls_refuse_strangers import undue_of
from tests.journeys import family

pytestmark = pytest.mark.django_db

TEXT = (models.CharField, models.TextField, models.UUIDField)
SHORTEST = 6
VIEWERS = [Role.PRESCRIBER, Role.DELEGATE, Role.PHARMACIST, Role.LABORATORY, Role.INSURED]
# Lists of the whole country, open to all who give care.
SHARED = {"prescriptions.Medicine", "prescriptions.MedicinePrice", "claims.Act"}
QUERIES = ("", "?page_size=200", "?q=canari", "?page=2")


@dataclass(frozen=True)
class Country:
    """People of one side by role, the parameters of their own things, and of the others' things."""

    people: dict[Role, User]
    own: dict[str, str]
    foreign: dict[str, str]
    secrets: frozenset[str]


@pytest.fixture
def country() -> Country:
    """Two sides that never met; the second one holds a canary in every text it has."""
    ours = family.settle()
    people = _people_around(ours)
    owed = undue_of(ours.paid)
    own = _parameters(ours, owed)
    # Nothing of ours is left to pay: no transfer of the others carries it.
    family.transferred(ours.coming, at=world.NOW)
    known = set(_texts())
    mark = {model: set(model._base_manager.values_list("pk", flat=True)) for model in _models()}
    theirs = family.settle()
    foreign_owed = undue_of(theirs.paid)
    _hide_canaries(mark)
    return Country(
        people=people,
        own=own,
        foreign=_parameters(theirs, foreign_owed),
        secrets=frozenset(_texts()) - known,
    )


def _people_around(ours: family.Family) -> dict[Role, User]:
    laboratory = world.practice(kind="LABORATORY", role=Role.LABORATORY)
    family.screened(family.care(laboratory, ours.holder))
    delegate = world.user(Role.DELEGATE)
    delegate.memberships.create(
        provider=ours.paid.provider, standing="DELEGATE", period=world.ALWAYS
    )
    return {
        Role.PRESCRIBER: ours.paid.author,
        Role.DELEGATE: delegate,
        Role.PHARMACIST: ours.third_party.author,
        Role.LABORATORY: laboratory.user,
        Role.INSURED: ours.user,
    }


def _models() -> list[type[models.Model]]:
    return [
        model
        for room in world.OUR_ROOMS
        for model in apps.get_app_config(room).get_models()
        if model._meta.label not in SHARED
    ]


def _texts() -> Iterator[str]:
    """Every text and key long enough to be recognised."""
    for model in _models():
        names = [field.attname for field in model._meta.concrete_fields if isinstance(field, TEXT)]
        for row in model._base_manager.values_list(*names):
            yield from (str(value) for value in row if value and len(str(value)) >= SHORTEST)


def _hide_canaries(before: dict[Any, set[Any]]) -> None:
    """Names of the other side become canaries; their numbers are unlike ours already."""
    canaries = {
        Person: ("first_name", "last_name", "name_ar"),
        Provider: ("name", "name_ar", "phone", "address"),
        PayeeAccount: ("holder",),
        LongTermIllness: ("label",),
        User: ("full_name",),
        PaymentOrder: ("holder",),
    }
    for model, names in canaries.items():
        fields = {field.name for field in model._meta.concrete_fields}
        for n, row in enumerate(model._base_manager.exclude(pk__in=before[model])):
            words = {
                name: f"canari{model.__name__}{name}{n}"[: model._meta.get_field(name).max_length]
                for name in names
                if name in fields
            }
            model._base_manager.filter(pk=row.pk).update(**words)


def _parameters(side: family.Family, undue_id: UUID) -> dict[str, str]:
    prescription = Prescription.objects.get(insured_id=side.holder.insured_id)
    return {
        "claim_id": str(side.held.pk),
        "order_id": str(side.statement.pk),
        "change_id": str(side.change.pk),
        "undue_id": str(undue_id),
        "dispensing_id": str(prescription.dispensings.first().pk)
        if prescription.dispensings.exists()
        else str(prescription.pk),
        "kind": "recu",
        "request_id": str(world.request_of(prescription).pk),
        "person_id": str(side.holder.pk),
        "patient": str(side.holder.pk),
        "preparation": str(side.held.pk),
        "pad_id": str(side.held.pk),
        "fse": side.paid.sheet.fse_number,
        "fse_number": prescription.fse_number,
        "kid": side.paid.device.kid,
        "ean": prescription.items.first().medicine.ean,
        "pk": "1",
        "key": "1",
        "uidb36": "1",
    }


def _paths(role: Role, values: dict[str, str]) -> list[str]:
    """Every address this role may read, with every query, for these things."""
    paths = []
    for address in every_address():
        if address.is_public or role not in (address.readers or ()) or "admin/" in address.route:
            continue
        # Whoever holds the number of a prescription at a counter may read that prescription.
        if role == Role.PHARMACIST and "prescriptions/<" in address.route:
            continue
        # Published to all who give care: a code is checked with no network against these lists.
        if address.route.startswith(("api/v1/prescriber-keys", "api/v1/packs/")):
            continue
        path = address.path(values)
        paths += [path + query for query in QUERIES]
        paths.append(f"{path}?fse_number={values['fse']}")
    return paths


def _said(response: HttpResponse, path: str) -> str:
    """What an answer says, the asked address itself left out."""
    body = b"".join(response) if response.streaming else response.content
    text = body.decode("utf-8", "replace")
    for word in path.replace("?", "/").replace("=", "/").replace(".", "/").split("/"):
        text = text.replace(word, "") if len(word) >= SHORTEST else text
    return text


def test_the_other_side_holds_canaries(country: Country) -> None:
    """The net is not empty: names, numbers, accounts and keys are all in it."""
    samples = [
        Person.objects.order_by("-pk").first().cin,
        *PayeeAccount.objects.order_by("-pk").values_list("rib", flat=True)[:2],
        Provider.objects.order_by("-pk").first().inpe,
        country.foreign["claim_id"],
        country.foreign["fse_number"],
        country.foreign["kid"],
    ]

    assert {sample for sample in samples if len(sample) >= SHORTEST} <= country.secrets
    assert sum("canari" in secret for secret in country.secrets) >= 15


@pytest.mark.parametrize("role", VIEWERS)
def test_no_page_list_or_answer_holds_a_canary(role: Role, country: Country) -> None:
    client = Client()
    client.force_login(country.people[role], backend=settings.AUTHENTICATION_BACKENDS[-1])
    own, foreign = _paths(role, country.own), _paths(role, country.foreign)

    leaks = []
    for path in own + foreign:
        text = _said(client.get(path), path)
        leaks += [(path, secret) for secret in country.secrets if secret in text]

    assert leaks == []
    assert len(own) > 20


@pytest.mark.parametrize("role", VIEWERS)
def test_what_belongs_to_others_is_not_there(role: Role, country: Country) -> None:
    """The very things of the others, asked for by their keys: 404 or a refusal, and no trace of a reading."""
    client = Client()
    client.force_login(country.people[role], backend=settings.AUTHENTICATION_BACKENDS[-1])
    ids = country.foreign
    before = AuditEvent.objects.count()

    answers = {
        path: client.get(path).status_code
        for path in (
            f"/assure/dossiers/{ids['claim_id']}/",
            f"/assure/decomptes/{ids['order_id']}.pdf",
            f"/api/v1/claims/{ids['claim_id']}",
            f"/api/v1/statements/{ids['order_id']}/document",
        )
    }

    assert set(answers.values()) <= {403, 404}, answers
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("role", VIEWERS)
def test_what_belongs_to_others_is_not_changed(role: Role, country: Country) -> None:
    """Each deed of a payee's pages, on the debt and the change of account of somebody else."""
    client = Client()
    client.force_login(country.people[role], backend=settings.AUTHENTICATION_BACKENDS[-1])
    change, debt = (f"{country.foreign[key]}/" for key in ("change_id", "undue_id"))
    deeds = [f"/sommes-a-rendre/{debt}contester/"] + [
        f"/{space}/{change}{deed}/"
        for space in ("assure/compte", "compte-bancaire")
        for deed in ("confirmer", "contester", "annuler")
    ]
    before = AuditEvent.objects.count()

    answers = {path: client.post(path, {"reason": "non"}).status_code for path in deeds}

    assert set(answers.values()) <= {403, 404}, answers
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("role", VIEWERS)
def test_no_statement_holds_a_canary(role: Role, country: Country) -> None:
    """Papers are judged by what is drawn on them, before it is compressed."""
    orders = orders_visible_to(country.people[role], at=world.NOW)

    papers = [repr(statement_of(order)) for order in orders]

    assert [secret for paper in papers for secret in country.secrets if secret in paper] == []
    if role in (Role.PRESCRIBER, Role.INSURED):
        assert bool(papers) == (role == Role.INSURED)


def test_one_reads_ones_own(country: Country) -> None:
    """The same addresses do show what is one's own: the net above catches fish."""
    member = Client()
    member.force_login(country.people[Role.INSURED], backend=settings.AUTHENTICATION_BACKENDS[-1])
    doctor = Client()
    doctor.force_login(
        country.people[Role.PRESCRIBER], backend=settings.AUTHENTICATION_BACKENDS[-1]
    )

    assert "Salma Benyahia" in member.get("/assure/dossiers/").content.decode()
    claims = doctor.get("/api/v1/claims").json()["results"]
    assert {each["id"] for each in claims} == {
        str(key)
        for key in Claim.objects.filter(
            provider=Provider.objects.get(name="Dr Salma Benyahia")
        ).values_list("pk", flat=True)
    }
