"""A browser prepared to work without network, as its owner prepares it: one visit, one PIN."""

from playwright.sync_api import Page, expect

PIN = "482913"
ENTRIES = """async () => {
  const { entries } = await import("/static/js/offline/outbox.js");
  const line = ({ id, sequence, state, kind, code }) => ({ id, sequence, state, kind, code: code ?? null });
  return (await entries()).map(line);
}"""
INSTALLED = """async (count) => {
  const kept = async () => (await (await caches.open("waraqa-pages")).keys()).length;
  const end = Date.now() + 30_000;
  while (!navigator.serviceWorker.controller || (await kept()) <= count) {
    if (Date.now() > end) throw new Error(`${await kept()} pages kept`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""
ENGINE_KEPT = """async () => {
  const { isEngineKept } = await import("/static/js/offline/engine_files.js");
  const end = Date.now() + 60_000;
  while (!(await isEngineKept())) {
    if (Date.now() > end) throw new Error("the engine was not fetched");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""
GONE = """async () => {
  const end = Date.now() + 30_000;
  while (await caches.has("waraqa-pages")) {
    if (Date.now() > end) throw new Error("pages are still kept");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


def installed(page: Page, count: int) -> None:
    """Wait until the worker controls the page and has kept that many pages."""
    page.evaluate(INSTALLED, count)


def prepare(page: Page, count: int) -> None:
    """Choose the PIN of a browser that signs, and wait until it can do without the network."""
    expect(page.locator("#pin-card")).to_be_visible()
    page.locator("#pin-new").fill(PIN)
    page.locator("#pin-send").click()
    expect(page.locator("#pin-card [data-t=ready]")).to_be_visible()
    installed(page, count)


def engine_kept(page: Page) -> None:
    """Wait until Python has come, which nobody asked for."""
    page.evaluate(ENGINE_KEPT)


def cut(page: Page) -> None:
    """Pull the cable, and wait until the page knows."""
    page.context.set_offline(True)
    expect(page.locator("#connection")).to_have_attribute("data-state", "offline")


def restored(page: Page) -> None:
    """Put the cable back, and wait until everything left."""
    page.context.set_offline(False)
    expect(page.locator("#connection")).to_have_attribute("data-state", "paid")


def entries(page: Page) -> list[dict[str, object]]:
    """What the queue of this browser holds, in order."""
    found: list[dict[str, object]] = page.evaluate(ENTRIES)
    return found
