"""What a person may not read or change, asked for in ways no page offers."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import OFFICE_ROLES, Role
from claims import services as claims
from claims.models import ShadowLaw
from claims.permissions import SecondPersonAdopts
from payments.models import PaymentOrder
from providers.models import Membership
from tests import world
from tests.claims.candidates import RATE, STANDARD_ACT, a_law, measure
from tests.journeys import family
from tests.office.conftest import with_second_factor

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.AccountBackend"
MEDICINE = "rates/medicine.yaml"


def office(role: Role) -> Client:
    client = Client()
    client.force_login(with_second_factor(world.user(role)), backend=BACKEND)
    return client


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("payments.PayeeAccount", "rib"),
        ("payments.AccountChange", "rib"),
        ("payments.PaymentOrder", "rib"),
        ("insured.Person", "cin"),
        ("insured.Insured", "phone"),
        ("accounts.User", "password"),
    ],
)
def test_no_list_answers_about_a_field_it_hides(model: str, field: str, role: Role) -> None:
    """`?rib__startswith=01` would give a masked number away, a digit at a time."""
    family.settle()
    address = reverse(f"admin:{model.replace('.', '_').lower()}_changelist")
    client = office(role)

    answer = client.get(address, {f"{field}__startswith": "0"})

    assert answer.status_code in (400, 403)


def test_every_list_of_the_office_keeps_to_its_filters() -> None:
    kept = []
    for model, page in admin.site._registry.items():
        if apps.get_app_config(model._meta.app_label).name in world.OUR_ROOMS:
            hidden = {field.name for field in model._meta.fields} - set(
                map(str, page.list_filter or ())
            )
            kept += [
                (model, name) for name in hidden if page.lookup_allowed(f"{name}__gt", "", None)
            ]

    assert kept == []


def test_a_signatory_who_became_a_delegate_reads_no_more_statements() -> None:
    side = family.settle()
    order = PaymentOrder.objects.get(provider=side.third_party.provider)
    client = Client()
    client.force_login(side.third_party.author, backend=BACKEND)

    def seen() -> tuple[int, int]:
        listed = client.get("/api/v1/statements").json()["results"]
        return len(listed), client.get(f"/api/v1/statements/{order.pk}/document").status_code

    assert seen() == (1, 200)
    Membership.objects.filter(user=side.third_party.author).update(standing="DELEGATE")
    assert seen() == (0, 404)


def test_who_wrote_a_file_of_a_law_does_not_adopt_it() -> None:
    """Drafted and proposed by one person, rewritten by another: a third one adopts."""
    first, second = world.user(Role.MEDICAL_OFFICER), world.user(Role.ADMINISTRATOR)
    shadow = a_law(by=first)
    written = {"file": STANDARD_ACT, "text": RATE.format(rate="0.95")}
    claims.write_law_file(shadow=shadow, **written, by=second, at=world.NOW)
    measure(shadow, by=first)
    claims.propose_law(shadow=shadow, by=first, at=world.NOW)

    with pytest.raises(SecondPersonAdopts):
        claims.adopt_law(shadow=shadow, by=second, at=world.NOW)

    claims.adopt_law(shadow=shadow, by=world.user(Role.ADMINISTRATOR), at=world.NOW)


def test_two_people_write_two_files_of_a_law_from_pages_opened_together() -> None:
    shadow = a_law()
    pages = [ShadowLaw.objects.get(pk=shadow.pk) for _ in range(2)]

    for page, file in zip(pages, (STANDARD_ACT, MEDICINE), strict=True):
        text = RATE.format(rate="0.95")
        claims.write_law_file(shadow=page, file=file, text=text, by=shadow.author, at=world.NOW)

    shadow.refresh_from_db()
    assert [("0.95" in shadow.files[file]) for file in (STANDARD_ACT, MEDICINE)] == [True, True]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 40_000,
        "{a: " * 20_000,
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n"
            for a, b in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "description: !!python/object/apply:os.system ['id']\n",
        "\x00",
        "values: {2026-13-45: {value: '9', reference: x}}\nunit: days\ndescription: x\n",
    ],
    ids=["brackets", "braces", "bomb", "python", "nul", "day"],
)
def test_a_malicious_law_file_is_refused_in_words(text: str) -> None:
    client = office(Role.MEDICAL_OFFICER)
    upload = SimpleUploadedFile("law.yaml", text.encode())

    answer = client.post(
        reverse("admin:claims_shadowlaw_add"),
        {"name": "essai", "file": STANDARD_ACT, "upload": upload},
    )

    assert answer.status_code == 422
    assert not ShadowLaw.objects.exists()


@pytest.mark.parametrize(
    "file", ["../rates/x.yaml", "rates/../../x.yaml", "/etc/x.yaml", "rates/x"]
)
def test_a_law_file_stays_in_its_folder(file: str) -> None:
    answer = office(Role.MEDICAL_OFFICER).post(
        reverse("admin:claims_shadowlaw_add"),
        {"name": "essai", "file": file, "text": RATE.format(rate="0.8")},
    )

    assert answer.status_code == 422
    assert not ShadowLaw.objects.exists()


@pytest.mark.parametrize("year", ["0000", "0001", "0999", "9999", "٢٠٢٦", "20261"])
def test_a_calendar_of_any_year_is_a_page(year: str) -> None:
    address = reverse("admin:payments_paymentday_changelist")

    assert office(Role.PAYMENT_OFFICER).get(address, {"annee": year}).status_code == 200
