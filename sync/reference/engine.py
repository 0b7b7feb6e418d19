"""The engine as a device runs it: the very files of this server, in one archive."""

from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.conf import settings

_PACKAGE = "claims/adjudication"
_ALSO = ("claims/__init__.py", "core/__init__.py", "core/money.py", "core/periods.py")
# The law comes with the pack; its loader alone needs more than the standard library.
_LEFT_OUT = ("legislation", "__main__.py")
# An archive of the same files has the same bytes wherever and whenever it is made.
_NO_DAY = (1980, 1, 1, 0, 0, 0)


@cache
def engine_zip() -> bytes:
    """The Python files of the adjudication engine, stored as they are, read once per process."""
    root = Path(settings.BASE_DIR)
    found = (root / _PACKAGE).rglob("*.py")
    files = [each.relative_to(root).as_posix() for each in found]
    kept = [each for each in files if each.split("/")[2] not in _LEFT_OUT]
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_STORED) as out:
        for name in sorted([*kept, *_ALSO]):
            out.writestr(ZipInfo(name, _NO_DAY), (root / name).read_bytes())
    return archive.getvalue()
