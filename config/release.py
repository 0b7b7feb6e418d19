"""The files of one release as the browser keeps them: what the pages import, and one mark for them all."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.templatetags.static import static
from whitenoise.storage import CompressedManifestStaticFilesStorage

# What pages load besides modules; fonts and the optional engine are fetched when they are first needed.
PLAIN = ("css/app.css", "img/favicon.svg", "img/app.svg", "img/app-maskable.svg")
# The source of app.css: served nowhere, its imports are not files of ours.
TAILWIND = "css/waraqa.css"
IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")
MARK_LENGTH = 16


class ReleasedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names, for what pages name themselves; modules find one another by their plain names."""

    def url_converter(self, name: str, *given: Any, **more: Any) -> Callable[[re.Match[str]], str]:
        """Leave as they are the imports of the style sheet's source, which Tailwind alone reads."""
        convert: Callable[[re.Match[str]], str] = super().url_converter(name, *given, **more)
        return (lambda found: found["matched"]) if name == TAILWIND else convert


def is_hashed() -> bool:
    """Tell whether a file's address changes with its content."""
    return isinstance(staticfiles_storage, ManifestStaticFilesStorage)


def modules() -> dict[str, bool]:
    """Return our modules and what they import, whichever package it comes from; True: it is imported."""
    waiting = [
        (f"js/{path.relative_to(folder).as_posix()}", False) for folder, path in _own_modules()
    ]
    found: dict[str, bool] = {}
    while waiting:
        name, is_imported = waiting.pop()
        path = finders.find(name)
        if path is None:
            continue
        is_new = name not in found
        found[name] = found.get(name, False) or is_imported
        if is_new:
            here = PurePosixPath(name).parent
            text = Path(path).read_text(encoding="utf-8")
            named = IMPORTED.findall(text)
            waiting += [(normpath(str(here / imported)), True) for imported in named]
    return dict(sorted(found.items()))


def _own_modules() -> Iterator[tuple[Path, Path]]:
    folder = path_of("js")
    for path in sorted(folder.rglob("*.js")):
        yield folder, path


def path_of(name: str) -> Path:
    """Return where a file of the release lies. Raises FileNotFoundError."""
    found = finders.find(name)
    if found is None:
        raise FileNotFoundError(name)
    return Path(found)


def files() -> list[str]:
    """Return the names of every file the installed app keeps."""
    return [*(name for name in PLAIN if finders.find(name)), *modules()]


def addresses() -> list[str]:
    """Return the addresses of `files()`, as pages and modules ask for them."""
    imported = {name for name, is_imported in modules().items() if is_imported}
    return [
        f"{settings.STATIC_URL}{name}" if name in imported else static(name) for name in files()
    ]


def release() -> str:
    """Return one mark that changes when any of the files does."""
    known = [(name, static(name), _stamp(name)) for name in files()]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:MARK_LENGTH]


def _stamp(name: str) -> tuple[int, int]:
    path = finders.find(name)
    if is_hashed() or path is None:
        return (0, 0)
    status = Path(path).stat()
    return (status.st_mtime_ns, status.st_size)
