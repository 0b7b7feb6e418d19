"""The paper: it shows what its code says, its seal holds, the device's signature is inside."""

import json
from datetime import date
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from core import lettering, signatures
from core.seal import SealMissing
from prescriptions.api.documents import prescription_draft, read_signed_prescription
from prescriptions.presenters.paper import draw, paper_pdf
from prescriptions.rules import code as codes
from prescriptions.selectors import prescription_by_number
from prescriptions.services import write_prescription
from tests import world
from tests.api.conftest import Api, assert_problem, signed_by
from tests.api.test_codes import code_of, second_version

pytestmark = pytest.mark.django_db
DOSE = {"morning": "1", "noon": "0", "evening": "0.5", "bedtime": "0"}
OTHERS = [
    {
        "kind": "INN",
        "inn": {"name": "METFORMINE", "strength": "850", "unit": "MG", "form": "COMPRIME"},
    },
    {"kind": "COMPOUND", "wording": "Vaseline salicylée 5 %, 60 g", "dose": None, "days": 10},
    {
        "kind": "ORDER",
        "order": {"kind": "BIOLOGY", "act": "B120"},
        "wording": "HbA1c, créatinine",
        "dose": None,
        "days": None,
    },
]


@pytest.fixture
def doctor():
    return world.practice(
        name="Dr Salma Bennis",
        name_ar="الدكتورة سلمى بنيس",
        speciality="médecine générale",
        address="12, avenue Mohammed V, Rabat",
    )


@pytest.fixture
def patient():
    return world.person(
        first_name="Zineb", last_name="Amellal", name_ar="زينب أملال", birth_date=date(1968, 4, 12)
    )


def document(doctor, patient, medicines, others=(), **fields):
    written = second_version(doctor, patient, medicines, **fields)
    first = written["lines"][0]
    for line in written["lines"]:
        line["dose"] = DOSE
    for position, other in enumerate(others, start=len(medicines) + 1):
        line = {**first, "position": position, "ean": None, "dose": DOSE, **other}
        written["lines"].append(line)
    return written


def sent(doctor, patient, written):
    draft = prescription_draft(read_signed_prescription(signed_by(doctor, written))["document"])
    write_prescription(
        draft=draft,
        signed=doctor.sign(written),
        code=code_of(written, patient, doctor),
        by=doctor.user,
        at=world.NOW,
    )
    return prescription_by_number(written["fse_number"])


@pytest.fixture
def long(doctor, patient):
    medicines = [
        world.medicine(name=f"DOLIPRANE {strength} MG COMPRIME", strength=str(strength))
        for strength in range(100, 1000, 100)
    ]
    fields = {"starts_on": "2026-12-01", "repeats": {"count": 3, "every_days": 30}}
    written = document(doctor, patient, medicines, OTHERS, **fields)
    written["lines"][0] |= {"illness": "E11", "over_maximum": True, "substitution": False}
    return sent(doctor, patient, written)


@pytest.fixture
def short(doctor, patient):
    return sent(doctor, patient, document(doctor, patient, [world.medicine()]))


def drawn(monkeypatch, prescription) -> str:
    """Every text put on the pages, in logical order as it was asked for."""
    said = []
    real = lettering.visual
    monkeypatch.setattr(
        lettering, "visual", lambda text, font="Waraqa": said.append(text) or real(text, font)
    )
    draw(prescription, on=world.TODAY, text=None)
    return "\n".join(said)


def test_the_paper_shows_all_that_its_code_says(monkeypatch, long):
    shown = drawn(monkeypatch, long)
    code = codes.read(long.code.text)
    said = code.content

    assert code.patient.full_name in shown
    assert f"{code.patient.birth_date:%d/%m/%Y}" in shown
    assert said["patient"] in shown
    assert said["provider"] in shown
    assert code.kid.hex() in shown
    assert said["secret"] in shown
    assert said["fse_number"] in shown.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    for day in ("20/11/2026", "01/12/2026"):
        assert day in shown
    assert "Délivrances en tout : \u20683\u2069, jours entre deux : \u206830\u2069" in shown
    flat = " ".join(shown.split())
    for line in said["lines"]:
        for word in (line["ean"], line["illness"], line["wording"]):
            assert word is None or word in flat
    assert "METFORMINE 850 MG COMPRIME" in flat
    assert "(B120)" in flat
    assert "matin 1 · soir 0,5 · jours 30 · boîtes 2" in flat
    for words in ("substitution permise", "Ne pas substituer", "« Je dis bien »"):
        assert words in flat


def test_the_mentions_of_article_34(monkeypatch, short):
    shown = drawn(monkeypatch, short)

    for words in (
        "Dr Salma Bennis",
        "الدكتورة سلمى بنيس",
        "médecine générale",
        "12, avenue Mohammed V, Rabat",
        "20/11/2026",
        "Zineb Amellal",
        "زينب أملال",
        "âge : \u206858\u2069",
    ):
        assert words in shown


def test_the_seal_holds_and_the_device_s_signature_is_inside(short, doctor):
    pdf = PdfFileReader(BytesIO(paper_pdf(short, on=world.TODAY)))
    (seal,) = pdf.embedded_signatures
    status = validate_pdf_signature(
        seal, ValidationContext(trust_roots=[seal.signer_cert], allow_fetching=False)
    )

    assert status.intact
    assert status.valid
    assert status.bottom_line
    names = pdf.root["/Names"]["/EmbeddedFiles"]["/Names"]
    held = json.loads(names[1].get_object()["/EF"]["/F"].get_object().data)
    assert held["document"] == short.document
    assert held["code"] == short.code.text
    assert signatures.is_signed(held["document"], held["signature"], doctor.device.public_jwk)


def test_a_changed_paper_breaks_its_seal(short):
    raw = bytearray(paper_pdf(short, on=world.TODAY))
    at = raw.find(b"/Title")
    raw[at + 1] ^= 1
    (seal,) = PdfFileReader(BytesIO(bytes(raw))).embedded_signatures
    status = validate_pdf_signature(
        seal, ValidationContext(trust_roots=[seal.signer_cert], allow_fetching=False)
    )

    assert not status.intact


def test_the_same_prescription_gives_the_same_pages(long):
    once, again = (draw(long, on=world.TODAY, text=long.code.text) for _each in range(2))

    assert once == again
    assert once.count(b"/Type /Page\n") == 2


def test_without_a_seal_no_paper_leaves(short, settings):
    settings.SEAL_KEY = ""

    with pytest.raises(SealMissing):
        paper_pdf(short, on=world.TODAY)


def test_who_reads_the_prescription_has_its_paper_and_nobody_else(short, doctor):
    address = f"prescriptions/{short.fse_number}/paper"
    own = Api(user=doctor.user).get(address)
    counter = Api(user=world.pharmacy().user)
    too_soon = counter.get(address)
    secret = {"secret": short.document["secret"]}
    opened = counter.post(f"prescriptions/{short.fse_number}/custody", secret)
    pharmacist = counter.get(address)
    colleague = Api(user=world.practice().user).get(address)

    assert (own.status_code, own["Content-Type"]) == (200, "application/pdf")
    assert b"".join(own.streaming_content).startswith(b"%PDF-")
    assert_problem(too_soon, 403, "SECRET_MISSING")
    assert (opened.status_code, pharmacist.status_code) == (200, 200)
    assert_problem(colleague, 404, "PRESCRIPTION_NOT_FOUND")
    assert_problem(
        Api(user=doctor.user).get("prescriptions/AAAA/paper"), 404, "PRESCRIPTION_NOT_FOUND"
    )
