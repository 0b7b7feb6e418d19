"""What the installed app keeps and weighs: each module a page imports, and a counter light on a poor line."""

import gzip
import re
from pathlib import Path, PurePosixPath
from posixpath import normpath

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from config import release
from tests import world

EAGER = re.compile(
    r"""(?:^|\n|\})\s*(?:import|export)?[^;"'()]*?\bfrom\s*["'](\.{1,2}/[^"']+)["']|(?:^|\n)\s*import\s*["'](\.{1,2}/[^"']+)["']"""
)
ENTRIES = re.compile(r'<script type="module" src="/static/([^"]+)"')
BUDGET = 100 * 1024  # bytes, compressed, without fonts, engine and camera


def path_of(name: str) -> Path:
    found = finders.find(name)
    assert found is not None, name
    return Path(found)


def loaded(entries: list[str]) -> set[str]:
    """The modules a page loads before it is asked for anything."""
    waiting, found = list(entries), set()
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        here = PurePosixPath(name).parent
        text = path_of(name).read_text(encoding="utf-8")
        named = [one or other for one, other in EAGER.findall(text)]
        waiting += [normpath(str(here / each)) for each in named]
    return found


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, 9))


@pytest.mark.django_db
def test_the_counter_weighs_less_than_a_hundred_kilobytes() -> None:
    client = Client()
    client.force_login(world.pharmacy().user, backend="accounts.backends.AccountBackend")
    page = client.get(reverse("pharmacy:counter")).content
    names = loaded(ENTRIES.findall(page.decode()))
    assert "js/pharmacy/counter.js" in names
    assert "js/offline/outbox.js" in names
    assert not any("pyodide" in name or "vendor/jose" in name for name in names)
    parts = [page, path_of("css/app.css").read_bytes(), path_of("img/favicon.svg").read_bytes()]
    parts += [path_of(name).read_bytes() for name in sorted(names)]
    weight = sum(compressed(part) for part in parts)
    assert weight <= BUDGET, f"{weight} bytes in {len(parts)} files"


def test_every_module_that_is_imported_is_kept() -> None:
    kept = release.modules()
    assert loaded(
        [name for name in kept if name.startswith("js/") and name != "js/worker.js"]
    ) <= set(kept)
    assert kept["js/dom.js"] is True
    assert kept["js/pharmacy/counter.js"] is False
    assert any(name.startswith("vendor/jose/") for name in kept)


def test_the_mark_of_a_release_changes_with_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    before = release.release()
    assert release.release() == before
    monkeypatch.setattr(release, "PLAIN", ("img/favicon.svg",))
    assert release.release() != before


@pytest.mark.django_db
def test_the_worker_names_no_page_with_somebody_in_it() -> None:
    answer = Client().get("/sw.js")
    assert answer["Cache-Control"].startswith("max-age=0, no-cache")
    text = answer.content.decode()
    assert '"/pharmacie/"' in text
    for private in ("/assure/", "/admin/", "/compte-bancaire/", "/sommes-a-rendre/"):
        assert private not in text
