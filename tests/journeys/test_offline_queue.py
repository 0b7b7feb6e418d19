"""The queue of a browser: two tabs, a lost answer, another computer, signing out, and what lies on the disk."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Error, Page, expect

from bootstrap import chromium
from core import clock
from core.record_keys import new_key
from prescriptions.models import Prescription
from providers.models import Device
from providers.services import revoke_device
from sync.models import Envelope
from sync.services import make_pack
from tests import world
from tests.journeys.conftest import OpenPage, session_of
from tests.journeys.offline import GONE, cut, entries, restored
from tests.journeys.practice import CIN, Place, settle
from tests.journeys.test_doctor import find_patient, write
from tests.journeys.test_offline_doctor import prepared, signed_away

pytestmark = pytest.mark.journey

KEEP = """async ({ content, patient, total = null }) => {
  const [keys, outbox, { mintFseNumber }, { makeCode }] = await Promise.all(
    ["keys", "offline/outbox", "numbers", "code"].map((name) => import(`/static/js/${name}.js`)),
  );
  const { owner } = document.body.dataset;
  const { devices } = await (await fetch("/api/v1/session")).json().catch(() => ({ devices: [] }));
  const device = await keys.deviceFor(owner, content.provider, devices.map(({ kid }) => kid));
  const number = mintFseNumber(device.prefix);
  const body = await keys.signed(device, { ...content, fse_number: number });
  body.code = await makeCode(device, body.document, patient);
  const kept = await outbox.keepForLater({
    device, kind: "prescription", body, summary: { number, name: patient.full_name, total },
  });
  return kept.sequence;
}"""
LINES = """async () => {
  const { entries } = await import("/static/js/offline/outbox.js");
  return (await entries()).map(({ envelope: _sealed, ...line }) => line);
}"""
DRAIN = """async () => {
  const { drain } = await import("/static/js/offline/sending.js");
  await drain({ byHand: true }).catch(() => null);
}"""


@pytest.fixture
def place(transactional_db: None) -> Place:
    settled = settle()
    make_pack(by="system:clock", at=clock.now())
    return settled


def written(place: Place) -> dict[str, Any]:
    """What KEEP signs: a prescription, and whose."""
    lines = [world.prescribed_line(place.metformin)]
    today = clock.today().isoformat()
    document = world.second_document(place.doctor, place.patient, lines, written_on=today)
    content = {
        name: value for name, value in document.items() if name not in ("device", "fse_number")
    }
    person = place.patient
    named = {
        "full_name": f"{person.first_name} {person.last_name}",
        "birth_date": person.birth_date.isoformat(),
    }
    return {"content": content, "patient": named}


def test_two_tabs_never_take_the_same_number(place: Place, open_page: OpenPage) -> None:
    page = prepared(open_page, place)
    other = page.context.new_page()
    other.goto("/file-attente/")
    both = f"""async (what) => {{
      const keep = {KEEP};
      return Promise.all([keep(what), keep(what), keep(what)]);
    }}"""
    what = written(place)
    sequences = page.evaluate(both, what) + other.evaluate(both, what)
    assert sorted(sequences) == [1, 2, 3, 4, 5, 6]
    page.evaluate(DRAIN)
    other.evaluate(DRAIN)
    assert {entry["state"] for entry in entries(page)} == {"APPLIED"}
    assert Prescription.objects.count() == Envelope.objects.count() == 6


def test_a_lost_answer_is_asked_again_and_counts_once(place: Place, open_page: OpenPage) -> None:
    page = prepared(open_page, place)

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/api/v1/sync/envelopes", lose)
    page.evaluate(KEEP, written(place))
    page.evaluate(DRAIN)
    assert [entry["state"] for entry in entries(page)] == ["KEPT"]
    assert Prescription.objects.count() == 1
    page.unroute("**/api/v1/sync/envelopes")
    page.evaluate(DRAIN)
    assert [entry["state"] for entry in entries(page)] == ["APPLIED"]
    assert Prescription.objects.count() == Envelope.objects.count() == 1


@pytest.mark.parametrize("is_by_hand", [False, True])
def test_after_an_outage_each_sends_at_an_instant_of_its_own(
    place: Place, open_page: OpenPage, settings: Any, is_by_hand: bool
) -> None:
    """Nobody sends in the same second as everybody else, but who presses the button."""
    settings.SEND_WINDOW_SECONDS = 8
    page = prepared(open_page, place)
    page.evaluate("Math.random = () => 0.5")
    page.evaluate(KEEP, written(place))
    cut(page)
    with page.expect_request("**/api/v1/sync/envelopes"):
        with page.expect_response("**/sonde/"):
            page.context.set_offline(False)
        back = time.monotonic()
        if is_by_hand:
            page.evaluate(DRAIN)
    waited = time.monotonic() - back
    restored(page)
    assert [entry["state"] for entry in entries(page)] == ["APPLIED"]
    assert waited < 3 if is_by_hand else waited > 3


def test_another_computer_carries_the_file(
    place: Place, open_page: OpenPage, language: str, tmp_path: Path
) -> None:
    page = prepared(open_page, place, language)
    what = written(place)
    page.goto("/file-attente/")
    page.evaluate(KEEP, what)
    cut(page)
    with page.expect_download() as waiting:
        page.locator("#export").click()
    file = tmp_path / "queue.json"
    waiting.value.save_as(file)
    assert "GLUCOPHAGE" not in file.read_text()
    assert "Amellal" not in file.read_text()

    carrier = open_page(place.pharmacy.user, language)
    carrier.goto("/file-attente/")
    carrier.locator("#import").set_input_files(file)
    expect(carrier.locator("#entries > li")).to_have_count(1)
    carrier.locator("#send-now").click()
    expect(carrier.locator("#entries .badge[data-state=paid]")).to_be_visible()
    assert Prescription.objects.count() == 1
    restored(page)
    assert [entry["state"] for entry in entries(page)] == ["APPLIED"]
    assert Prescription.objects.count() == Envelope.objects.count() == 1


def test_signing_out_asks_first_and_then_opens_nothing(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    page = prepared(open_page, place, language)
    cut(page)
    page.goto("/cabinet/consultation/")
    find_patient(page)
    write(page)
    signed_away(page)
    page.locator("details.account summary").click()
    page.locator("form[data-fse-signout] button").click()
    expect(page.locator("#leaving")).to_be_visible()
    no_serious_finding(page)
    page.locator("#leaving-send").click()
    expect(page.locator("#leaving [data-t=fault]")).to_be_visible()
    page.context.set_offline(False)
    page.locator("#leaving-anyway").click()
    page.wait_for_url(lambda url: url.count("/") == 3, wait_until="load")
    page.evaluate(GONE)
    left = page.evaluate(
        """async () => {
          const { readAll } = await import("/static/js/offline/store.js");
          const counted = async (store) => (await readAll(store)).length;
          return Promise.all(["patients", "drafts", "outbox"].map(counted));
        }"""
    )
    assert left[:2] == [0, 0]
    assert left[2] == 2


def test_a_revoked_device_opens_nothing_after_its_next_contact(
    place: Place, open_page: OpenPage
) -> None:
    page = prepared(open_page, place)
    device = Device.objects.filter(user=place.doctor.user).latest("enrolled_at")
    revoke_device(device=device, by=place.doctor.user, at=timezone.now())
    page.goto("/cabinet/")
    expect(page.locator("#device-card")).to_be_visible()
    kept = page.evaluate(
        """async () => (await (await import("/static/js/offline/store.js")).readAll("patients")).length"""
    )
    assert kept == 0


def test_nothing_readable_lies_on_the_disk(
    place: Place, browser: Browser, live_server: Any, tmp_path: Path
) -> None:
    """After a consultation with no network: the whole profile, byte by byte."""
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=chromium.executable(),
        args=[*chromium.ARGUMENTS, "--no-first-run"],
        base_url=live_server.url,
        locale="fr-FR",
    )
    cookie = {"name": "sessionid", "value": session_of(place.doctor.user), "url": live_server.url}
    context.add_cookies([cookie])
    page = prepared(lambda *_who, **_how: context.new_page(), place)
    cut(page)
    page.goto("/cabinet/consultation/")
    find_patient(page)
    write(page)
    signed_away(page)
    page.goto("/cabinet/consultation/")
    find_patient(page)
    write(page)
    context.close()
    # The reference pack names every medicine of the list, and nobody: it is not a person's.
    words = [b"Amellal", b"Zineb", CIN.encode(), b"1-0-0 30 j"]
    words += [word.decode().encode("utf-16-le") for word in words]
    found = {
        (str(path.relative_to(tmp_path)), word)
        for path in (tmp_path / "profile").rglob("*")
        if path.is_file()
        for word in words
        if word in path.read_bytes()
    }
    assert found == set()
    ours = re.compile(rb"waraqa-offline")
    assert any(ours.search(path.read_bytes()) for path in (tmp_path / "profile").rglob("*.log"))


def test_a_patients_day_has_its_limit_on_the_device_too(place: Place, open_page: OpenPage) -> None:
    page = prepared(open_page, place)
    whole = {**written(place), "total": 300_000}
    other = {**whole, "content": {**whole["content"], "patient": str(new_key())}}

    assert page.evaluate(KEEP, whole) == 1
    with pytest.raises(Error, match="patientDay"):
        page.evaluate(KEEP, whole)
    assert page.evaluate(KEEP, other) == 2
    assert page.evaluate(KEEP, {**whole, "total": 200_000}) == 3
    assert str(place.patient.pk) not in str(page.evaluate(LINES))
