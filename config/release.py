"""The files of one release as the browser keeps them: what the pages import, and one mark for them all."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.templatetags.static import static
from whitenoise.storage import CompressedManifestStaticFilesStorage

# What pages load besides modules; fonts and the optional engine are fetched when they are first needed.
PLAIN = ("css/app.css", "img/favicon.svg", "img/app.svg", "img/app-maskable.svg")
IMPORTED = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["'](\.{1,2}/[^"']+)["']""")
MARK_LENGTH = 16


class ReleasedFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names inside modules too: two releases never mix in one page."""

    support_js_module_import_aggregation = True


def is_hashed() -> bool:
    """Tell whether a file's address changes with its content."""
    return isinstance(staticfiles_storage, ManifestStaticFilesStorage)


def modules() -> list[str]:
    """Return the names of our modules and of what they import, whichever package it comes from."""
    waiting = [f"js/{path.relative_to(folder).as_posix()}" for folder, path in _own_modules()]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        path = finders.find(name)
        if name in found or path is None:
            continue
        found.add(name)
        here = PurePosixPath(name).parent
        text = Path(path).read_text(encoding="utf-8")
        waiting += [normpath(str(here / imported)) for imported in IMPORTED.findall(text)]
    return sorted(found)


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
    """Return the addresses of `files()`, as pages ask for them."""
    return [static(name) for name in files()]


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
