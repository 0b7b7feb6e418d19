"""What goes wrong in the middle of work: a release, a server, a disk, a session, a window closed too early."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Dialog, Page, expect

from claims.models import Claim
from config import release
from config.offline_drill.network import Network
from core import clock
from prescriptions.models import Prescription
from sync.services import make_pack
from tests.journeys.conftest import OpenPage, session_of
from tests.journeys.offline import cut, engine_kept, entries, installed, restored
from tests.journeys.practice import Place, settle
from tests.journeys.test_doctor import enrol, find_patient, review, write
from tests.journeys.test_offline_doctor import DOCTOR_PAGES, prepared, signed_away

pytestmark = pytest.mark.journey

CHARGED = "#act-lines [data-field=charged]"
LOOK_FOR_A_RELEASE = """async () => {
  await (await navigator.serviceWorker.getRegistration()).update();
}"""
ROOM = 24_000_000  # bytes: the pack, the engine, and a few more
FILLED = """async () => {
  const opening = indexedDB.open("filler", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("all", { autoIncrement: true });
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const put = (bytes) =>
    new Promise((resolve) => {
      const writing = opening.result.transaction("all", "readwrite", { durability: "strict" });
      writing.objectStore("all").add(bytes);
      writing.oncomplete = () => resolve(true);
      writing.onabort = () => resolve(false);
    });
  for (const size of [1_000_000, 60_000, 1_000, 50]) {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 60_000) crypto.getRandomValues(bytes.subarray(at, at + 60_000));
    while (await put(bytes));
  }
  opening.result.close();
}"""
FREED = (
    """() => new Promise((resolve) => (indexedDB.deleteDatabase("filler").onsuccess = resolve))"""
)
NOBODY_WAITS = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  return !registration.waiting && registration.active.state === "activated";
}"""


@pytest.fixture
def place(transactional_db: None) -> Place:
    settled = settle()
    make_pack(by="system:clock", at=clock.now())
    return settled


@pytest.fixture
def network(live_server: object) -> Iterator[Network]:
    """A way to the live site that can be cut while the browser believes it has a network."""
    network = Network(live_server.thread.port)  # type: ignore[attr-defined]
    network.start()
    yield network
    network.stop()


def writing(page: Page) -> None:
    page.goto("/cabinet/consultation/")
    find_patient(page)
    write(page)


def test_a_release_in_the_middle_of_work_waits_for_a_press(
    place: Place,
    open_page: OpenPage,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    no_serious_finding: Callable[[Page], None],
) -> None:
    page = open_page(place.doctor.user, language)
    page.goto("/cabinet/consultation/")
    enrol(page)
    installed(page, DOCTOR_PAGES)
    find_patient(page)
    write(page)
    monkeypatch.setattr(
        release, "MARK_LENGTH", release.MARK_LENGTH - 1
    )  # other bytes of the worker
    page.evaluate(LOOK_FOR_A_RELEASE)
    expect(page.locator("#update-line")).to_be_visible()
    expect(page.locator(CHARGED)).to_have_value("200,00")
    no_serious_finding(page)
    with page.expect_event("load"):
        page.locator("#update-now").click()
    expect(page.locator("#rx-lines > li")).to_have_count(3)
    expect(page.locator(CHARGED)).to_have_value("200,00")
    expect(page.locator("#update-line")).to_be_hidden()
    assert page.evaluate(NOBODY_WAITS)


def test_the_server_stops_while_the_browser_has_a_network(
    place: Place, open_page: OpenPage, network: Network
) -> None:
    page = open_page(place.doctor.user, base_url=f"http://localhost:{network.port}")
    page = prepared(lambda *_who, **_how: page, place)
    network.cut = True
    writing(page)
    expect(page.locator("#connection")).to_have_attribute("data-state", "offline")
    signed_away(page)
    assert page.evaluate("navigator.onLine")
    assert [entry["state"] for entry in entries(page)] == ["KEPT", "KEPT"]
    network.cut = False
    page.goto("/file-attente/")
    restored(page)
    assert [entry["state"] for entry in entries(page)] == ["APPLIED", "APPLIED"]
    assert Prescription.objects.count() == Claim.objects.count() == 1


def test_a_full_disk_is_said_and_takes_nothing(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    page = open_page(place.doctor.user, language)
    page.goto("/cabinet/consultation/")
    disk = page.context.new_cdp_session(page)
    origin = page.evaluate("location.origin")
    disk.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": ROOM})
    page = prepared(lambda *_who, **_how: page, place)
    engine_kept(page)
    cut(page)
    writing(page)
    page.evaluate(FILLED)
    review(page)
    page.keyboard.press("Enter")
    expect(page.locator("#notices .notice[data-about=queue]")).to_be_visible()
    no_serious_finding(page)
    assert entries(page) == []
    expect(page.locator(CHARGED)).to_have_value("200,00")
    page.evaluate(FREED)
    signed_away(page)
    assert len(entries(page)) == 2
    page.context.set_offline(False)
    page.goto("/file-attente/")
    restored(page)
    assert Prescription.objects.count() == Claim.objects.count() == 1


def test_a_window_with_unsent_documents_asks_before_it_closes(
    place: Place, open_page: OpenPage
) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page = prepared(open_page, place)
    page.on("dialog", stay)
    cut(page)
    writing(page)
    signed_away(page)
    page.locator("#connection").click()  # from page to page: nobody is asked
    expect(page.locator("#entries > li")).to_have_count(2)
    assert asked == []
    page.locator("h1").click()
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    assert not page.is_closed()
    restored(page)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_a_session_that_ends_before_the_queue_left_loses_nothing(
    place: Place, open_page: OpenPage, language: str, no_serious_finding: Callable[[Page], None]
) -> None:
    page = prepared(open_page, place, language)
    cut(page)
    writing(page)
    signed_away(page)
    page.goto("/file-attente/")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.context.set_offline(False)
    page.locator("#send-now").click()
    told = page.locator("#notices .notice[data-about=sending]")
    expect(told.locator("[data-if=signIn]")).to_be_visible()
    no_serious_finding(page)
    assert {entry["state"] for entry in entries(page)} == {"KEPT"}
    origin = page.evaluate("location.origin")
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(place.doctor.user)}
    page.context.add_cookies([{**cookie, "url": origin}])
    page.locator("#send-now").click()
    restored(page)
    assert [entry["state"] for entry in entries(page)] == ["APPLIED", "APPLIED"]
    assert Prescription.objects.count() == Claim.objects.count() == 1
