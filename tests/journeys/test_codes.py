"""The signed code in a real browser: what it makes the server reads, what the server makes it reads."""

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from prescriptions.models import PrescriptionCode, Verdict
from prescriptions.rules import code as codes
from prescriptions.rules.code import PrintedPatient
from prescriptions.services import judge_code
from tests.journeys.conftest import PHONE, OpenPage
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import add_medicine, enrol, find_patient
from tests.prescriptions.test_code import VECTORS

pytestmark = pytest.mark.journey
PATIENT = PrintedPatient(
    VECTORS["patient"]["full_name"], date.fromisoformat(VECTORS["patient"]["birth_date"])
)
READ = """async (vectors) => {
  const { decodeCode, isSignedBy } = await import("/static/js/code.js");
  const { crv, kty, x, y } = vectors.private_jwk;
  const good = [];
  for (const { code } of vectors.good) {
    const read = await decodeCode(code);
    good.push({ content: read.content, signed: await isSignedBy(read, { crv, kty, x, y }) });
  }
  const reasons = [];
  for (const { code } of vectors.refused) {
    reasons.push(await decodeCode(code).then(() => "READ", (refusal) => refusal.reason ?? String(refusal)));
  }
  return { good, reasons };
}"""
MAKE = """async (vectors) => {
  const { makeCode, verifyCode } = await import("/static/js/code.js");
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const privateKey = await crypto.subtle.importKey("jwk", vectors.private_jwk, curve, false, ["sign"]);
  const device = { kid: vectors.device, privateKey };
  const key = { kid: vectors.device, jwk: vectors.private_jwk, provider: "100123456" };
  const verdictOf = async (code, days) => (await verifyCode(code, [{ ...key, ...days }])).verdict;
  const made = [];
  for (const { document } of vectors.good) made.push(await makeCode(device, document, vectors.patient));
  const [code] = made;
  const verdicts = [
    await verdictOf(code, { from: "2026-01-01", until: null }),
    await verdictOf(code, { from: "2026-01-01", until: "2026-11-23" }),
    await verdictOf(code, { from: "2026-01-01", until: "2026-11-22" }),
    await verdictOf(code, { from: "2026-11-23", until: null }),
    await verdictOf(code, { from: "2026-01-01", until: null, provider: "999999999" }),
    await verdictOf(code.slice(0, -1) + (code.endsWith("0") ? "1" : "0"), { from: "2026-01-01", until: null }),
    (await verifyCode(code, [])).verdict,
  ];
  return { made, verdicts };
}"""
SCANNED = """async () => {
  const { BarcodeDetector } = await import("/static/vendor/qr/decode.js");
  const image = document.getElementById("qr");
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: 700, height: 700 });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, 700, 700);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, 0, 0, 700, 700);
  const [code] = await new BarcodeDetector({ formats: ["qr_code"] }).detect(canvas);
  return code?.rawValue ?? "";
}"""


@pytest.fixture
def public(open_page: OpenPage) -> Page:
    page = open_page(None)
    page.goto("/verifier/")
    return page


def test_the_browser_reads_what_the_server_reads(public: Page) -> None:
    answer = public.evaluate(READ, VECTORS)

    for vector, read in zip(VECTORS["good"], answer["good"], strict=True):
        here = codes.read(vector["code"])
        person = read["content"].pop("person")
        assert read["content"] == here.content
        assert person["full_name"] == here.patient.full_name
        assert person["birth_date"] == here.patient.birth_date.isoformat()
        assert read["signed"]
    expected = {each["name"]: each["reason"] for each in VECTORS["refused"]}
    assert dict(zip(expected, answer["reasons"], strict=True)) == expected


def test_the_server_reads_what_the_browser_makes(public: Page) -> None:
    answer = public.evaluate(MAKE, VECTORS)

    for vector, text in zip(VECTORS["good"], answer["made"], strict=True):
        read = codes.read(text)
        assert read.payload.hex() == vector["payload"]
        assert codes.payload(vector["document"], PATIENT) == read.payload
        assert codes.is_signed_by(read, VECTORS["private_jwk"])
    assert answer["verdicts"] == [
        "GENUINE",
        "GENUINE",
        "REVOKED",
        "REVOKED",
        "ALTERED",
        "ALTERED",
        "UNKNOWN",
    ]


@pytest.fixture
def place(transactional_db: None) -> Place:
    return settle()


def test_signed_drawn_scanned_and_verified(
    open_page: OpenPage, place: Place, language: str, no_serious_finding
) -> None:
    page = open_page(place.doctor.user, language)
    page.goto("/cabinet/consultation/")
    enrol(page)
    find_patient(page)
    add_medicine(page, "gluco")
    add_medicine(page, "amlor")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#review")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cabinet/feuilles/**")
    expect(page.locator("#sheet")).to_be_visible()

    scanned = page.evaluate(SCANNED)

    assert scanned == PrescriptionCode.objects.get().text
    assert judge_code(scanned).verdict == Verdict.GENUINE
    no_serious_finding(page)

    stranger = open_page(None, language, PHONE)
    stranger.goto("/verifier/")
    stranger.locator("textarea").fill(scanned)
    stranger.locator("#verifier button[type=submit]").click()
    expect(stranger.locator("#answer")).to_have_attribute("data-state", "paid")
    assert place.patient.last_name not in stranger.locator("main").inner_text()
    no_serious_finding(stranger)
