"""/verifier/: the verdict, the day and the state; never who, never what; so many times a minute."""

import pytest
from django.core.cache import cache
from django.test import Client

from core.numbers import mint_fse_number
from prescriptions.api.documents import prescription_draft, read_signed_prescription
from prescriptions.services import write_prescription
from providers.services import revoke_device
from tests import world
from tests.api.conftest import signed_by
from tests.api.test_codes import LATER, code_of, second_version
from tests.prescriptions.test_code import VECTORS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_asked_yet():
    cache.clear()


@pytest.fixture
def doctor():
    return world.practice(name="Cabinet Bennis")


@pytest.fixture
def patient():
    return world.person(first_name="Zineb", last_name="Amellal")


@pytest.fixture
def box():
    return world.medicine(name="GLUCOPHAGE", inn="METFORMINE")


@pytest.fixture
def document(doctor, patient, box):
    return second_version(doctor, patient, [box])


@pytest.fixture
def code(document, patient, doctor):
    return code_of(document, patient, doctor)


def sent(doctor, document, code):
    draft = prescription_draft(read_signed_prescription(signed_by(doctor, document))["document"])
    return write_prescription(
        draft=draft, signed=doctor.sign(document), code=code, by=doctor.user, at=world.NOW
    )


def ask(text: str, language: str = "fr") -> str:
    client = Client()
    client.cookies["django_language"] = language
    before = world.rows_everywhere()
    answer = client.post("/verifier/", {"text": text})
    assert answer.status_code == 200
    assert world.rows_everywhere() == before
    page = answer.content.decode()
    start = page.find('id="answer"')
    return page[start : page.find("</section>", start)] if start > 0 else page


def test_a_genuine_code_says_its_day_and_its_state(doctor, document, code):
    sent(doctor, document, code)

    french, arabic = ask(code), ask(code, "ar")

    assert "Cette ordonnance est authentique." in french
    assert "20/11/2026" in french
    assert "À délivrer" in french
    assert "هذه الوصفة أصلية." in arabic


def test_strangers_learn_neither_who_nor_what(doctor, document, code, patient, box):
    sent(doctor, document, code)
    number = document["fse_number"]
    secrets = [
        patient.last_name,
        str(patient.pk),
        doctor.provider.inpe,
        doctor.provider.name,
        box.name,
        box.inn,
        box.ean,
        document["secret"],
    ]

    for text in (code, number):
        page = Client().post("/verifier/", {"text": text}).content.decode()
        shown = page.replace(code, "")  # what the stranger pasted comes back in the field
        assert [secret for secret in secrets if secret in shown] == []


def test_a_number_alone_proves_nothing_but_that_it_came(doctor, document, code):
    sent(doctor, document, code)
    number = document["fse_number"]

    page = ask(f"{number[:4]}-{number[4:8].lower()} {number[8:]}")

    assert "Ce numéro est celui d’une ordonnance reçue." in page
    assert "scannez le code" in page


def test_the_other_answers(doctor, document, code):
    assert "pas encore arrivée" in ask(code)
    assert "Aucune ordonnance reçue" in ask(mint_fse_number("ABCDE"))
    assert "ni un code ni un numéro" in ask("ABC")
    assert "clé qui a signé est inconnue" in ask(VECTORS["good"][0]["code"])
    revoke_device(device=doctor.device, by=doctor.user, at=LATER)
    assert "n’était pas valable" in ask(code)


def test_an_altered_code(doctor, document, code):
    sent(doctor, document, code)
    last = code[-1]

    assert "Ce code a été modifié." in ask(code[:-1] + ("0" if last != "0" else "1"))


@pytest.mark.parametrize(
    "vector",
    [each for each in VECTORS["refused"] if each["code"].startswith("WRQ1:")],
    ids=lambda each: each["name"],
)
def test_what_is_no_code_is_said(vector):
    page = ask(vector["code"])

    assert any(words in page for words in ("coupé, abîmé", "trop long", "pas signé en ES256")), page


def test_a_code_cut_in_lines_by_a_letter_is_read(doctor, document, code):
    sent(doctor, document, code)

    assert "authentique" in ask(f"{code[:90]}\r\n{code[90:]}\r\n")


def test_too_many_checks_wait(settings):
    client = Client()

    statuses = [client.post("/verifier/", {"text": "ABC"}).status_code for _each in range(21)]

    assert statuses == [200] * 20 + [429]
