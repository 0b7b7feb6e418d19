"""The paper twin: pads, papers keyed in, papers that meet their electronic twin, once and only once."""

from datetime import timedelta
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from accounts.models import Role
from claims import selectors, services
from claims.gateways import LARGEST_SCAN, ScanTooLarge, ScanUnreadable, scan_of
from claims.models import Claim, PaperFile, PaperPad, PaperScan, PaperSheet, PaperTwin
from claims.permissions import PadNotYours, PaperNotYours
from claims.rules.paper_code import printed, understood
from claims.services import MetPaper, SheetOfAnother, cancel_claim
from core.errors import DomainError, EntriesRefused
from core.models import AuditEvent
from core.numbers import PAPER_PREFIX, is_fse_number, mint_fse_number
from core.transitions import TransitionRefused
from insured.models import Person
from providers.services import NumberOfAnotherDevice
from tests import world
from tests.claims.papers import (
    act_line,
    agent_on_duty,
    code_of,
    first_sheet,
    keyed,
    pad_of,
    picture,
    receive,
    scan,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor() -> world.Practice:
    world.act("C")
    return world.practice()


@pytest.fixture
def patient() -> Person:
    return world.person()


@pytest.fixture(autouse=True)
def agent() -> Any:
    return agent_on_duty()


@pytest.fixture
def sheet(doctor: world.Practice) -> PaperSheet:
    return first_sheet(pad_of(doctor))


def refused(refusal: type[DomainError], call: Any) -> DomainError:
    """Call something that is refused, and check that nothing was written."""
    before = world.rows_everywhere()
    with pytest.raises(refusal) as caught:
        call()
    assert world.rows_everywhere() == before
    for language in ("fr", "ar"):
        assert caught.value.text(language)
    return caught.value


def electronic(doctor: world.Practice, patient: Person, sheet: PaperSheet, **fields: Any) -> Claim:
    document = world.care_document(doctor, patient, fse_number=sheet.fse_number, **fields)
    return world.submit(doctor, document)


# Pads


def test_a_pad_has_signed_numbers_of_its_own_prefix(doctor) -> None:
    pad = pad_of(doctor, 12)

    sheets = list(PaperSheet.objects.filter(pad=pad))
    assert len({each.fse_number for each in sheets}) == pad.sheet_count == 12
    for each in sheets:
        assert is_fse_number(each.fse_number)
        assert each.fse_number.startswith(PAPER_PREFIX)
        assert understood(code_of(each)) == (each.fse_number, each.signature)
        assert len(code_of(each)) == 119
    assert {each.state for each in sheets} == {"BLANK"}


@pytest.mark.parametrize("sheets", [0, 9, 101, -1])
def test_a_pad_is_as_large_as_the_law_says(doctor, sheets) -> None:
    refused(services.PadSizeWrong, lambda: pad_of(doctor, sheets))


def test_no_more_blank_sheets_than_the_law_says(doctor) -> None:
    pad_of(doctor, 100)
    pad_of(doctor, 100)

    refused(services.PadsEnough, lambda: pad_of(doctor, 10))


def test_who_orders_a_pad(doctor, agent) -> None:
    assert pad_of(doctor, by=agent).ordered_by == agent
    assert pad_of(doctor, by=world.user(Role.ADMINISTRATOR))
    for other in (world.practice().user, world.user(Role.INSURED), world.user(Role.AUDITOR)):
        refused(PadNotYours, lambda other=other: pad_of(doctor, by=other))


def test_a_lost_pad_voids_what_was_not_given_out(doctor, patient, agent) -> None:
    pad = pad_of(doctor)
    given, lost = first_sheet(pad, 2), first_sheet(pad, 3)

    gone = services.declare_pad_lost(pad=pad, first=3, by=doctor.user, at=world.NOW)

    assert gone == 8
    assert receive(doctor, patient, given).state == "RECEIVED"
    refused(services.PaperNumberVoid, lambda: receive(doctor, patient, lost))
    refused(services.PaperNumberVoid, lambda: electronic(doctor, patient, lost))
    refused(
        services.PaperNumberVoid,
        lambda: services.read_sheet(text=code_of(lost), by=agent, at=world.NOW),
    )
    refused(
        TransitionRefused,
        lambda: services.declare_pad_lost(pad=pad, first=1, by=doctor.user, at=world.NOW),
    )


@pytest.mark.parametrize("first", [0, 11])
def test_the_first_lost_sheet_is_one_of_the_pad(doctor, first) -> None:
    pad = pad_of(doctor)

    refused(
        services.PadPlaceWrong,
        lambda: services.declare_pad_lost(pad=pad, first=first, by=doctor.user, at=world.NOW),
    )


def test_another_doctor_does_not_declare_it_lost(doctor) -> None:
    pad, other = pad_of(doctor), world.practice()

    refused(
        PadNotYours,
        lambda: services.declare_pad_lost(pad=pad, first=1, by=other.user, at=world.NOW),
    )


# Reading a code


def test_a_scanned_sheet_is_read_and_the_reading_recorded(sheet, agent) -> None:
    reading = services.read_sheet(text=code_of(sheet), by=agent, at=world.NOW)

    assert (reading.sheet, reading.proof, reading.claims) == (sheet, "SCANNED", ())
    assert AuditEvent.objects.get(action="claims.papersheet.read").subject_id == str(sheet.pk)


def test_a_typed_number_is_read_however_it_is_typed(sheet, agent) -> None:
    number = sheet.fse_number
    typed = f" {number[:4].lower()}-{number[4:8]} {number[8:]}"

    assert services.read_sheet(text=typed, by=agent, at=world.NOW).proof == "TYPED"


def test_a_forged_code_is_refused(doctor, sheet, agent) -> None:
    other = first_sheet(pad_of(doctor))
    moved = printed(sheet.fse_number, other.signature)
    invented = printed(mint_fse_number(PAPER_PREFIX), sheet.signature)

    for text in (moved, invented):
        refused(
            services.PaperCodeForged,
            lambda text=text: services.read_sheet(text=text, by=agent, at=world.NOW),
        )


@pytest.mark.parametrize("text", ["", "bonjour", "PAPER00000000", "WRP1" + "A" * 115, "é" * 12])
def test_what_is_no_code_is_refused(agent, text) -> None:
    refused(
        services.PaperCodeUnreadable,
        lambda: services.read_sheet(text=text, by=agent, at=world.NOW),
    )


def test_a_number_nobody_printed_is_refused(doctor, patient, agent) -> None:
    number = mint_fse_number(PAPER_PREFIX)

    refused(
        services.PaperNumberUnknown,
        lambda: services.read_sheet(text=number, by=agent, at=world.NOW),
    )
    refused(
        services.PaperNumberUnknown,
        lambda: world.submit(doctor, world.care_document(doctor, patient, fse_number=number)),
    )


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AGENT}))
def test_agents_alone_read_and_key_in(doctor, patient, sheet, role) -> None:
    user = world.user(role)

    refused(PaperNotYours, lambda: services.read_sheet(text=code_of(sheet), by=user, at=world.NOW))
    refused(PaperNotYours, lambda: receive(doctor, patient, sheet, by=user))


# Paper first


def test_a_paper_becomes_a_claim_judged_by_the_same_engine(doctor, patient, sheet, agent) -> None:
    paper = receive(doctor, patient, sheet, by=agent)

    by_screen = world.submit(doctor, world.care_document(doctor, patient))
    claim = paper.claim
    assert (claim.reimbursed_centimes, claim.outcome) == (
        by_screen.reimbursed_centimes,
        by_screen.outcome,
    )
    assert (claim.is_from_paper, claim.author, claim.sheet.fse_number) == (
        True,
        agent,
        sheet.fse_number,
    )
    sheet.refresh_from_db()
    assert (paper.state, sheet.state) == ("RECEIVED", "RECEIVED")
    assert PaperScan.objects.get(file=paper).content == picture()
    assert claim.signed.document["scan_sha256"] == paper.scan.sha256
    actions = set(AuditEvent.objects.values_list("action", flat=True))
    assert {"claims.paperfile.received", "claims.claim.submitted"} <= actions


def test_the_filing_delay_counts_from_the_deposit(doctor, patient) -> None:
    care = act_line(care_date=world.TODAY - timedelta(days=75))
    in_time, late = (first_sheet(pad_of(doctor)) for _each in range(2))

    first = receive(
        doctor,
        patient,
        in_time,
        lines=(care,),
        deposited_on=world.TODAY - timedelta(days=20),
    )
    second = receive(doctor, world.person(), late, lines=(care,))

    assert first.claim.outcome != "denied"
    assert second.claim.outcome == "denied"


@pytest.mark.parametrize("days", [-1, 31])
def test_the_day_of_deposit_is_plausible(doctor, patient, sheet, days) -> None:
    day = world.TODAY - timedelta(days=days)

    refused(services.PaperDayWrong, lambda: receive(doctor, patient, sheet, deposited_on=day))


def test_the_same_sheet_again_is_refused(doctor, patient, sheet) -> None:
    receive(doctor, patient, sheet)

    for again in ({}, {"picture_of": "grey"}, {"lines": (act_line(90_000),)}):
        refusal = refused(
            services.PaperAlreadyReceived,
            lambda again=again: receive(doctor, patient, sheet, **again),
        )
        assert sheet.fse_number in refusal.text("fr")
    stranger = world.person()
    refused(SheetOfAnother, lambda: receive(doctor, stranger, sheet))


def test_a_sheet_of_another_provider_s_pad_is_refused(doctor, patient, sheet) -> None:
    other = world.practice()

    refused(services.PaperNumberForeign, lambda: receive(other, patient, sheet))
    refused(services.PaperNumberForeign, lambda: electronic(other, patient, sheet))


def test_another_provider_bills_on_a_sheet_its_owner_opened(doctor, patient, sheet) -> None:
    receive(doctor, patient, sheet)
    other = world.practice()

    second = receive(other, patient, sheet)
    refused(services.PaperAlreadyReceived, lambda: receive(other, patient, sheet))

    assert second.claim.provider == other.provider
    assert Claim.objects.filter(sheet__fse_number=sheet.fse_number).count() == 2


def test_an_act_that_does_not_exist_refuses_all(doctor, patient, sheet) -> None:
    refusal = refused(
        EntriesRefused, lambda: receive(doctor, patient, sheet, lines=(act_line(act="ZZ9"),))
    )
    assert refusal.errors[0].code == "ACT_UNKNOWN"


def test_what_was_keyed_in_wrongly_is_withdrawn_and_keyed_again(
    doctor, patient, sheet, agent
) -> None:
    wrong = receive(doctor, patient, sheet, lines=(act_line(2_000),))

    refused(
        services.ReasonMissing,
        lambda: services.withdraw_paper(paper=wrong, reason=" ", by=agent, at=world.NOW),
    )
    services.withdraw_paper(paper=wrong, reason="montant mal lu", by=agent, at=world.NOW)
    right = receive(doctor, patient, sheet)

    assert Claim.objects.get(pk=wrong.claim_id).state == "CANCELLED"
    assert right.claim.charged_centimes == 20_000
    assert list(PaperFile.objects.order_by("id").values_list("state", flat=True)) == [
        "WITHDRAWN",
        "RECEIVED",
    ]


# Paper first, its twin after


def test_the_electronic_twin_meets_its_paper_and_nothing_is_paid_twice(
    doctor, patient, sheet
) -> None:
    paper = receive(doctor, patient, sheet)

    for _again in range(2):
        answered = electronic(doctor, patient, sheet)
        assert answered == paper.claim

    assert Claim.objects.count() == 1
    assert PaperTwin.objects.get().file == paper
    paper.refresh_from_db()
    sheet.refresh_from_db()
    assert (paper.state, paper.difference, sheet.state) == ("MERGED", "", "MERGED")


@pytest.mark.parametrize(
    ("charged", "act", "difference"), [("250.00", "C", "AMOUNT"), ("200.00", "Cs", "ACTS")]
)
def test_a_twin_that_differs_opens_a_question_and_changes_nothing(
    doctor, patient, sheet, agent, charged, act, difference
) -> None:
    world.act("Cs")
    paper = receive(doctor, patient, sheet)
    before = Claim.objects.values().get()
    line = {
        "position": 1,
        "act": act,
        "quantity": 1,
        "charged": charged,
        "care_date": world.TODAY.isoformat(),
        "illness": None,
    }

    electronic(doctor, patient, sheet, lines=[line])

    paper.refresh_from_db()
    assert (paper.state, paper.difference) == ("QUESTIONED", difference)
    assert Claim.objects.values().get() == before
    services.settle_paper(paper=paper, reason="le papier fait foi", by=agent, at=world.NOW)
    assert PaperFile.objects.get().state == "SETTLED"
    refused(
        TransitionRefused,
        lambda: services.withdraw_paper(paper=paper, reason="x", by=agent, at=world.NOW),
    )


def test_a_cancelled_paper_claim_gives_way_to_its_twin(doctor, patient, sheet) -> None:
    paper = receive(doctor, patient, sheet)
    cancel_claim(paper.claim, reason="erreur", by=doctor.user, at=world.NOW)

    twin = electronic(doctor, patient, sheet)

    assert twin != paper.claim
    assert not twin.is_from_paper


# Twin first, its paper after


def test_a_number_of_the_pad_serves_on_screen(doctor, patient, sheet) -> None:
    claim = electronic(doctor, patient, sheet)

    sheet.refresh_from_db()
    assert (claim.sheet.fse_number, sheet.state) == (sheet.fse_number, "USED")
    assert not PaperFile.objects.exists()


def test_a_number_of_another_device_is_still_refused(doctor, patient) -> None:
    document = world.care_document(doctor, patient, fse_number=world.practice().mint())

    refused(NumberOfAnotherDevice, lambda: world.submit(doctor, document))


def met(claim: Claim, sheet: PaperSheet | None, **fields: Any) -> MetPaper:
    return MetPaper(
        **{
            "number": sheet.fse_number if sheet else "",
            "proof": PaperFile.Proof.SCANNED if sheet else PaperFile.Proof.NONE,
            "claim": claim.pk,
            "deposited_on": world.TODAY,
            "charged_centimes": claim.charged_centimes,
            **fields,
        }
    )


def join(agent: Any, said: MetPaper) -> PaperFile:
    return services.join_paper(met=said, scan=scan(), by=agent, at=world.NOW)


@pytest.mark.parametrize(
    ("said", "state", "difference"),
    [
        ({}, "MERGED", ""),
        ({"charged_centimes": 1}, "QUESTIONED", "AMOUNT"),
        ({"note": "un acte de plus"}, "QUESTIONED", "SAID"),
    ],
)
def test_a_paper_meets_its_claim_and_changes_nothing(
    doctor, patient, sheet, agent, said, state, difference
) -> None:
    claim = electronic(doctor, patient, sheet)
    before = Claim.objects.values().get()

    paper = join(agent, met(claim, sheet, **said))

    sheet.refresh_from_db()
    assert (paper.state, paper.difference, sheet.state) == (state, difference, "MERGED")
    assert Claim.objects.values().get() == before
    refused(services.PaperAlreadyReceived, lambda: join(agent, met(claim, sheet)))
    refused(services.PaperAlreadyReceived, lambda: receive(doctor, patient, sheet))


def test_a_paper_keyed_in_while_its_twin_is_there_makes_no_second_claim(
    doctor, patient, sheet
) -> None:
    claim = electronic(doctor, patient, sheet)

    paper = receive(doctor, patient, sheet, lines=(act_line(25_000),))

    assert (paper.claim, paper.state, paper.difference) == (claim, "QUESTIONED", "AMOUNT")
    assert Claim.objects.count() == 1


def test_a_paper_copy_of_a_number_minted_on_a_device_meets_its_claim(
    doctor, patient, agent
) -> None:
    claim = world.submit(doctor, world.care_document(doctor, patient))
    reading = services.read_sheet(text=claim.sheet.fse_number, by=agent, at=world.NOW)

    assert (reading.sheet, reading.claims) == (None, (claim,))
    said = met(claim, None, number=claim.sheet.fse_number, proof=PaperFile.Proof.TYPED)
    assert join(agent, said).state == "MERGED"


def test_a_cancelled_claim_is_no_twin(doctor, patient, sheet, agent) -> None:
    claim = electronic(doctor, patient, sheet)
    cancel_claim(claim, reason="erreur", by=doctor.user, at=world.NOW)

    refused(services.PaperWithoutTwin, lambda: join(agent, met(claim, sheet)))
    assert receive(doctor, patient, sheet).claim != claim


# Old forms without a number


def test_an_old_form_shows_what_it_may_stand_for_and_a_person_decides(
    doctor, patient, agent
) -> None:
    claim = world.submit(doctor, world.care_document(doctor, patient))
    lines = [selectors.billed_lines(claim)[0]]
    asked = {"patient_id": patient.pk, "provider_id": doctor.provider.pk, "lines": lines}

    (found,) = selectors.candidates(**asked)

    assert (found.claim, found.same_acts, found.same_amount) == (claim, True, True)
    refused(services.PaperLooksReceived, lambda: receive(doctor, patient, None))
    assert join(agent, met(claim, None)).claim == claim
    other = receive(doctor, patient, None, seen=frozenset({claim.pk}))
    assert other.claim != claim
    assert other.sheet.pad is None
    assert Claim.objects.count() == 2


def test_an_old_form_that_looks_like_nothing_gets_a_number(doctor, patient) -> None:
    paper = receive(doctor, patient, None)

    assert is_fse_number(paper.claim.sheet.fse_number)
    assert (paper.sheet.state, paper.sheet.signature) == ("RECEIVED", "")
    refused(services.PaperLooksReceived, lambda: receive(doctor, patient, None))


def test_the_number_given_to_an_old_form_has_no_code(doctor, patient, agent) -> None:
    sheet = receive(doctor, patient, None).sheet
    real = first_sheet(pad_of(doctor))

    refused(
        services.PaperCodeForged,
        lambda: services.read_sheet(
            text=printed(sheet.fse_number, real.signature), by=agent, at=world.NOW
        ),
    )


# Pictures


def pdf() -> bytes:
    from io import BytesIO

    file = BytesIO()
    canvas = Canvas(file)
    canvas.drawString(50, 50, "feuille")
    canvas.showPage()
    canvas.save()
    return file.getvalue()


def test_pictures_are_known_by_their_content() -> None:
    assert scan_of(picture()).media_type == "image/png"
    assert scan_of(pdf()).media_type == "application/pdf"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7 nothing",
        picture()[:-30],
        pdf()[:200],
        b"GIF89a" + bytes(50),
    ],
)
def test_a_broken_or_foreign_file_is_refused(content) -> None:
    refused(ScanUnreadable, lambda: scan_of(content))


def test_a_file_too_large_is_refused() -> None:
    refused(ScanTooLarge, lambda: scan_of(picture() + bytes(LARGEST_SCAN)))


def test_keyed_content_is_kept_as_the_seal_signed_it(doctor, patient, sheet) -> None:
    from core import seal, signatures

    signed = receive(doctor, patient, sheet).claim.signed
    jwk = signatures.jwk_of(seal.private_key().public_key())

    assert signatures.is_signed(signed.document, signed.signature, jwk)
    assert signed.document["type"] == "waraqa/paper-claim"
    assert keyed(doctor, patient, sheet).number == signed.document["fse_number"]
    assert PaperPad.objects.count() == 1
