"""What a work place weighs: its first load, the later ones, and what comes in the background to work offline.

Printed whatever is captured, for docs/offline-pack.md. Static files are weighed as they are served in
production, packed once by Brotli at its best; what is written for one request, by gzip.
"""

import gzip
import sys
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import brotli
import pytest
from playwright.sync_api import Page, Response

from config import release
from core import clock
from sync.models import Pack
from sync.services import make_pack
from tests.journeys.conftest import OpenPage
from tests.journeys.offline import installed
from tests.journeys.practice import Place, settle

pytestmark = pytest.mark.journey

BUDGET = 100_000  # bytes of the dispensing page, without fonts, engine and camera
WORK_PLACES = {"counter": "/pharmacie/", "consultation": "/cabinet/consultation/"}
PAGES_KEPT = {"counter": 3, "consultation": 5}
PYTHON = "vendor/pyodide"


@pytest.fixture
def place(transactional_db: None) -> Place:
    settled = settle()
    make_pack(by="system:clock", at=clock.now())
    return settled


def kind_of(path: str) -> str:
    if path.startswith("/api/") or path.endswith(("/sonde/", "moteur.js")):
        return "answers"
    if path.endswith(".woff2"):
        return "fonts"
    return "engine" if PYTHON in path else "page"


def packed(response: Response) -> int:
    body = response.body()
    is_static = urlsplit(response.url).path.startswith("/static/")
    return len(brotli.compress(body)) if is_static else len(gzip.compress(body))


def first_load(page: Page, address: str) -> Counter[str]:
    """Load a page in an empty profile; return compressed bytes by kind, and the number of files."""
    seen: list[Response] = []
    page.on("response", lambda response: seen.append(response))
    page.goto(address, wait_until="networkidle")
    weight: Counter[str] = Counter()
    for response in seen:
        if response.status == 200 and response.request.method == "GET":
            kind = kind_of(urlsplit(response.url).path)
            weight[kind] += packed(response)
            weight[f"{kind} files"] += 1
    return weight


def later_load(page: Page) -> int:
    """Load the page again; return the bytes that crossed the wire, headers included."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    received: list[float] = []
    wire.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.reload(wait_until="networkidle")
    return int(sum(received))


def kept_by_the_app() -> int:
    """Everything the worker keeps of one release, compressed; Python's own loader is the engine's."""
    names = [name for name in release.files() if PYTHON not in name]
    return sum(len(brotli.compress(release.path_of(name).read_bytes())) for name in names)


def weighed(parts: list[dict[str, Any]], what: str) -> int:
    return sum(part[what] for part in parts)


def test_a_work_place_is_light(
    place: Place, open_page: OpenPage, capsys: pytest.CaptureFixture[str]
) -> None:
    users = {"counter": place.pharmacy.user, "consultation": place.doctor.user}
    told = []
    weights = {}
    for name, address in WORK_PLACES.items():
        page = open_page(users[name])
        weights[name] = first_load(page, address)
        installed(page, PAGES_KEPT[name])
        told.append(
            f"{name}: first load {dict(weights[name])}, later load {later_load(page)} bytes"
        )
    folder = release.path_of(f"{PYTHON}/pyodide.mjs").parent
    python = [folder / name for name in ("pyodide.asm.wasm", "python_stdlib.zip")]
    parts = Pack.objects.latest("made_at").manifest["parts"]
    told += [
        f"kept by the app: {kept_by_the_app()} bytes packed",
        f"pack of this test: {weighed(parts, 'bytes')} bytes, {weighed(parts, 'compressed')} packed",
        f"Python: {sum(path.stat().st_size for path in python)} bytes in its two large files",
    ]
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(told) + "\n")
    assert weights["counter"]["page"] <= BUDGET
