"""Makes the folders of the servers, with the right owner, and copies binaries they cannot reach."""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
from pathlib import Path

from config.embedded.addresses import EmbeddedServiceError, Place, may_read

PRIVATE = 0o700
LARGEST_LOG_BYTES = 20_000_000


def prepare(place: Place) -> None:
    """Create every folder of `place`; nothing outside the checkout changes its permissions.

    Raises:
        EmbeddedServiceError: a folder belongs to somebody else, or no account may run the servers.
    """
    if place.account.uid == 0:
        raise EmbeddedServiceError(
            "PostgreSQL does not run as root, and this machine has neither an account 'postgres' "
            "nor an account 'nobody'. Run as an ordinary user, or set DATABASE_URL and BROKER_URL."
        )
    for folder in (place.checkout / "var", place.logs, place.runtime):
        _make(folder)
    _open_the_way(place)
    shelters = {place.data, place.sockets.parent} - {place.checkout / "var"}
    for folder in (*shelters, place.sockets, place.valkey_data):
        make_private(folder, place)


def make_private(folder: Path, place: Place) -> None:
    """Create `folder` for the servers' account alone, or check that it already is.

    Raises:
        EmbeddedServiceError: it belongs to another account, or cannot be created.
    """
    try:
        folder.mkdir(mode=PRIVATE)
        if os.geteuid() == 0:
            os.chown(folder, place.account.uid, place.account.gid)
    except FileExistsError:
        _check_private(folder, place)
    except PermissionError:
        raise EmbeddedServiceError(
            f"{folder} cannot be created by {place.account.name!r}. Run as the owner of "
            f"{folder.parent}, or set DATABASE_URL and BROKER_URL."
        ) from None


def check_owner(place: Place) -> None:
    """Refuse to look into the folders of somebody else's servers.

    Raises:
        EmbeddedServiceError: they were made by another user's start.
    """
    if place.sockets.exists():
        _check_private(place.sockets, place)


def binary(place: Place, package: str, inner: str) -> Path:
    """The server's executable `inner` of wheel `package`, where the servers' account can run it.

    Raises:
        EmbeddedServiceError: the wheel is not installed, or has no binary for this machine.
    """
    source = _package_folder(package)
    executable = source / inner
    if not executable.is_file():
        raise EmbeddedServiceError(
            f"The wheel {package} brings no {executable.name} for this machine. Set DATABASE_URL "
            "and BROKER_URL to servers of your own."
        )
    if all(may_read(file, place.account) for file in _samples(executable)):
        return executable
    return _copied(place, package, source) / inner


def open_log(place: Place, name: str) -> int:
    """A descriptor that appends to var/log/NAME.log; a log grown too large is set aside first."""
    path = place.logs / f"{name}.log"
    if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def last_lines(place: Place, name: str, count: int = 5) -> str:
    """The end of a log, for an error message."""
    try:
        lines = (place.logs / f"{name}.log").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-count:])


def _make(folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
    except PermissionError:
        raise EmbeddedServiceError(
            f"{folder} cannot be created: {folder.parent} is not yours to write in. Run as its "
            "owner, or clone the project into a folder of your own."
        ) from None


def _open_the_way(place: Place) -> None:
    """Let the servers' account pass through var/, which is ours and inside the checkout."""
    if place.account.uid == os.geteuid():
        return
    var = place.checkout / "var"
    mode = stat.S_IMODE(var.stat().st_mode)
    if not mode & 0o001:
        var.chmod(mode | 0o001)


def _check_private(folder: Path, place: Place) -> None:
    # lstat: a link planted in a folder everybody may write in must not be followed
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == place.account.uid:
        if stat.S_IMODE(found.st_mode) != PRIVATE:
            folder.chmod(PRIVATE)
        return
    raise EmbeddedServiceError(
        f"{folder} does not belong to {place.account.name!r} but to another account (number "
        f"{found.st_uid}): it was made by another user's start. Start as that user, or remove the "
        "folder (its data is lost), or set DATABASE_URL and BROKER_URL."
    )


def _package_folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise EmbeddedServiceError(
            f"The wheel {package} is not installed in this environment: run `make setup`."
        )
    return Path(found.origin).resolve().parent


def _samples(executable: Path) -> list[Path]:
    """The executable, and one file of each folder that PostgreSQL reads beside it."""
    beside = executable.parent.parent
    companions = (beside / "share" / "postgres.bki", beside / "lib" / "plpgsql.so")
    return [executable, *(file for file in companions if file.exists())]


def _copied(place: Place, package: str, source: Path) -> Path:
    """Copy a wheel's folder, and its bundled libraries, once per version."""
    shelf = place.data / "binaries"
    make_private(shelf, place)
    version = importlib.metadata.version(package.replace("_", "-"))
    target = shelf / f"{package}-{version}"
    if not target.is_dir():
        fresh = shelf / f"{package}-{version}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(source, fresh / package, ignore=shutil.ignore_patterns("*.py", "*.pyc"))
        libraries = source.with_name(f"{package}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        _give(fresh, place)
        fresh.rename(target)
    return target / package


def _give(tree: Path, place: Place) -> None:
    for folder, _, files in os.walk(tree):
        os.chown(folder, place.account.uid, place.account.gid)
        for name in files:
            os.chown(
                Path(folder, name),
                place.account.uid,
                place.account.gid,
                follow_symlinks=False,
            )
