"""The pages of paper: pads, the desk, a paper file; what each answers, and to whom."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Role
from claims.models import Claim, PaperFile, PaperPad
from core.models import AuditEvent
from insured.models import Person
from tests import world
from tests.claims.papers import agent_on_duty, code_of, first_sheet, pad_of, picture, receive

pytestmark = pytest.mark.django_db

SignIn = Callable[[Role], Client]


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: world.NOW)


@pytest.fixture
def doctor() -> world.Practice:
    world.act("C")
    return world.practice()


@pytest.fixture
def patient() -> Person:
    return world.person()


def upload() -> SimpleUploadedFile:
    return SimpleUploadedFile("feuille.png", picture(), content_type="image/png")


def typed(doctor: world.Practice, patient: Person, **fields: Any) -> dict[str, Any]:
    """What an agent types and sends of a sheet with one act."""
    return {
        "code": "",
        "inpe": doctor.provider.inpe,
        "insured": patient.insured.registration_number,
        "born_on": patient.birth_date.isoformat(),
        "deposited_on": world.TODAY.isoformat(),
        "scan": upload(),
        "lines-TOTAL_FORMS": "2",
        "lines-INITIAL_FORMS": "0",
        "lines-0-act": "C",
        "lines-0-care_date": world.TODAY.isoformat(),
        "lines-0-quantity": "1",
        "lines-0-charged": "200,00",
        "lines-1-quantity": "1",
        **fields,
    }


def test_a_pad_is_ordered_printed_and_declared_lost(signed_in: SignIn, doctor) -> None:
    client = signed_in(Role.AGENT)
    ordered = client.post(
        reverse("admin:claims_paperpad_add"), {"inpe": doctor.provider.inpe, "sheets": "10"}
    )
    pad = PaperPad.objects.get()
    page = reverse("admin:claims_paperpad_change", args=[pad.pk])
    assert (ordered.status_code, ordered["Location"]) == (302, page)
    assert pad.reference in client.get(page).text

    paper = client.get(reverse("admin:claims_paperpad_pdf", args=[pad.pk]))
    assert paper.content.startswith(b"%PDF-")
    assert AuditEvent.objects.filter(action="claims.paperpad.printed").exists()
    wrong = client.post(reverse("admin:claims_paperpad_lost", args=[pad.pk]), {"first": "x"})
    assert wrong.status_code == 422
    client.post(reverse("admin:claims_paperpad_lost", args=[pad.pk]), {"first": "4"})
    assert pad.sheets.filter(state="VOID").count() == 7


def test_a_pad_too_large_is_refused_on_the_page(signed_in: SignIn, doctor) -> None:
    answer = signed_in(Role.AGENT).post(
        reverse("admin:claims_paperpad_add"), {"inpe": doctor.provider.inpe, "sheets": "900"}
    )

    assert answer.status_code == 422
    assert not PaperPad.objects.exists()


def test_a_sheet_is_scanned_then_keyed_in(signed_in: SignIn, doctor, patient) -> None:
    client, sheet = signed_in(Role.AGENT), first_sheet(pad_of(doctor))
    read = client.post(reverse("admin:paper_desk"), {"code": code_of(sheet)})
    assert read.status_code == 200
    assert doctor.provider.inpe in read.text

    answer = client.post(reverse("admin:paper_key"), typed(doctor, patient, code=code_of(sheet)))

    paper = PaperFile.objects.get()
    assert answer["Location"] == reverse("admin:claims_paperfile_change", args=[paper.pk])
    assert (paper.proof, paper.claim.charged_centimes) == ("SCANNED", 20_000)
    shown = client.get(answer["Location"])
    assert patient.last_name in shown.text
    scan = client.get(reverse("admin:claims_paperfile_scan", args=[paper.pk]))
    assert (scan.content, scan["Content-Type"]) == (picture(), "image/png")
    assert scan["Content-Disposition"].startswith("attachment")


def test_the_same_sheet_again_says_so_and_writes_nothing(
    signed_in: SignIn, doctor, patient
) -> None:
    client, sheet = signed_in(Role.AGENT), first_sheet(pad_of(doctor))
    receive(doctor, patient, sheet)

    answer = client.post(reverse("admin:paper_key"), typed(doctor, patient, code=code_of(sheet)))

    assert answer.status_code == 409
    assert "déjà reçue" in answer.text
    assert (PaperFile.objects.count(), Claim.objects.count()) == (1, 1)


def test_a_sheet_with_a_twin_is_joined_to_it(signed_in: SignIn, doctor, patient) -> None:
    client, sheet = signed_in(Role.AGENT), first_sheet(pad_of(doctor))
    claim = world.submit(doctor, world.care_document(doctor, patient, fse_number=sheet.fse_number))
    page = client.post(reverse("admin:paper_desk"), {"code": sheet.fse_number})
    assert str(claim.pk) in page.text

    client.post(
        reverse("admin:paper_join"),
        {
            "code": sheet.fse_number,
            "claim": str(claim.pk),
            "deposited_on": world.TODAY.isoformat(),
            "charged": "250",
            "note": "",
            "scan": upload(),
        },
    )

    paper = PaperFile.objects.get()
    assert (paper.claim, paper.state, paper.difference) == (claim, "QUESTIONED", "AMOUNT")
    settle = reverse("admin:claims_paperfile_expliquer", args=[paper.pk])
    assert client.post(settle, {"reason": ""}).status_code == 422
    client.post(settle, {"reason": "le papier compte le ticket"})
    assert PaperFile.objects.get().state == "SETTLED"


def test_an_old_form_shows_its_candidates_first(signed_in: SignIn, doctor, patient) -> None:
    client = signed_in(Role.AGENT)
    claim = world.submit(doctor, world.care_document(doctor, patient))

    shown = client.post(reverse("admin:paper_key"), typed(doctor, patient))
    assert shown.status_code == 200
    assert str(claim.pk) in shown.text
    assert not PaperFile.objects.exists()
    client.post(reverse("admin:paper_key"), typed(doctor, patient, seen=str(claim.pk)))

    assert PaperFile.objects.get().claim != claim


@pytest.mark.parametrize(
    "wrong",
    [
        {"inpe": "000000000"},
        {"insured": "999999999"},
        {"born_on": "1999-01-01"},
        {"lines-0-charged": "beaucoup"},
        {"lines-0-act": "ZZ9"},
        {"lines-0-act": ""},
        {"deposited_on": "2030-01-01"},
        {"scan": SimpleUploadedFile("x.png", b"no picture")},
        {"code": "PAPER"},
        {"seen": "no key", "lines-TOTAL_FORMS": "x"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    signed_in: SignIn, doctor, patient, wrong
) -> None:
    client = signed_in(Role.AGENT)
    before = world.rows_everywhere()

    answer = client.post(reverse("admin:paper_key"), typed(doctor, patient, **wrong))

    assert answer.status_code in (409, 422)
    assert world.rows_everywhere() == before


def test_the_list_is_exported_and_the_export_recorded(signed_in: SignIn, doctor, patient) -> None:
    receive(doctor, patient, first_sheet(pad_of(doctor)))

    answer = signed_in(Role.AUDITOR).get(
        reverse("admin:claims_paperfile_changelist"), {"export": "xlsx"}
    )

    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert rows[1][2] == doctor.provider.inpe
    assert AuditEvent.objects.get(action="claims.papers.exported").after["rows"] == 1


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AGENT}))
def test_only_agents_write_at_the_desk(signed_in: SignIn, doctor, patient, role) -> None:
    agent_on_duty()
    paper = receive(doctor, patient, first_sheet(pad_of(doctor)))
    client = signed_in(role)
    before = PaperFile.objects.values().get()

    for name in ("paper_desk", "paper_key", "paper_join"):
        answer = client.post(reverse(f"admin:{name}"), {"code": "x"})
        assert answer.status_code == 403, name
    withdraw = reverse("admin:claims_paperfile_retirer", args=[paper.pk])
    assert client.post(withdraw, {"reason": "x"}).status_code == 403
    assert PaperFile.objects.values().get() == before
