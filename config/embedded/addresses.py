"""Where the embedded services of this checkout live, computed from paths alone.

Standard library only, nothing is created or started here: settings import this module. A folder
is moved out of the checkout in two cases only, and `Place.reasons` then says why in a sentence:
the socket's path would be too long for the system, or the account that runs the servers cannot
enter the checkout.
"""

import functools
import hashlib
import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parents[2]
DATABASE = "waraqa"
DATABASE_USER = "waraqa"
POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"

# A socket address holds 108 bytes on Linux and 104 on macOS, the closing zero included.
LONGEST_SOCKET_PATH_BYTES = 103

# Root never runs the servers: PostgreSQL refuses it. These accounts exist already, or do not;
# none is ever created.
SERVER_ACCOUNTS = ("postgres", "nobody")

# Where a private folder may be made when the checkout does not do, the lasting one first. The
# folder is created with mode 700 and its owner is checked before any use.
ROOT_SHELTERS = (Path("/var/lib"), Path("/var/tmp"))  # noqa: S108
USER_SHELTERS = (Path("/var/tmp"), Path("/tmp"))  # noqa: S108


class EmbeddedServiceError(RuntimeError):
    """An embedded service cannot be used; the message says what to do about it."""


@dataclass(frozen=True)
class Account:
    """An account of this machine that runs the servers."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """The folders of one checkout's servers, and the account that owns them."""

    checkout: Path
    data: Path
    sockets: Path
    account: Account
    reasons: tuple[str, ...] = ()

    @property
    def postgres_data(self) -> Path:
        """The database cluster."""
        return self.data / "postgres"

    @property
    def valkey_data(self) -> Path:
        """The broker's append-only file."""
        return self.data / "valkey"

    @property
    def valkey_socket(self) -> Path:
        """Where the broker listens."""
        return self.sockets / VALKEY_SOCKET

    @property
    def postgres_socket(self) -> Path:
        """Where the database listens."""
        return self.sockets / POSTGRES_SOCKET

    @property
    def logs(self) -> Path:
        """What every process of this checkout writes."""
        return self.checkout / "var" / "log"

    @property
    def runtime(self) -> Path:
        """Locks and pid files of our own processes, always inside the checkout."""
        return self.checkout / "var" / "run"


def database_url(place: Place | None = None) -> str:
    """Address of the embedded PostgreSQL; the host is the socket's folder, percent-encoded."""
    where = place or this_place()
    return f"postgres://{DATABASE_USER}@{quote(str(where.sockets), safe='')}/{DATABASE}"


def broker_url(place: Place | None = None) -> str:
    """Address of the embedded Valkey, in the form Celery reads."""
    where = place or this_place()
    return f"redis+socket://{quote(str(where.valkey_socket))}?virtual_host=0"


@functools.cache
def this_place() -> Place:
    """The place of the checkout this module belongs to."""
    return place_of(CHECKOUT)


def place_of(checkout: Path, *, account: Account | None = None) -> Place:
    """Decide where the servers of `checkout` live."""
    var = checkout / "var"
    account = account or server_account(var)
    reasons: list[str] = []
    data = var
    if not may_enter(checkout, account):
        data = _shelter(checkout, account)
        reasons.append(
            f"The account {account.name!r} that runs the servers cannot enter {checkout}: "
            f"their data is kept in {data}."
        )
    sockets = data / "sockets"
    if not _fits_a_socket(sockets):
        sockets = _shelter(checkout, account) / "sockets"
        reasons.append(
            f"The path {data / 'sockets'} is too long for a socket, or holds a comma: "
            f"the sockets are in {sockets}."
        )
    return Place(checkout, data, sockets, account, tuple(reasons))


def server_account(var: Path) -> Account:
    """The account that runs the servers: oneself, or for root the owner of the existing data.

    Root itself is the answer on a machine without any account we may use: settings with their own
    DATABASE_URL and BROKER_URL still load there, and starting a server is refused.
    """
    if os.geteuid() != 0:
        return _account(os.geteuid())
    owner = _owner(var / "postgres")
    if owner:
        return _account(owner)
    for name in SERVER_ACCOUNTS:
        try:
            return _account(pwd.getpwnam(name).pw_uid)
        except KeyError:
            continue
    return _account(0)


def may_enter(folder: Path, account: Account) -> bool:
    """Whether `account` may enter `folder`, read from the permissions of every folder above."""
    if account.uid == os.geteuid():
        return True
    return all(_has_bit(step, account, 0o1) for step in (folder, *folder.parents))


def may_read(file: Path, account: Account) -> bool:
    """Whether `account` may read `file` where it is."""
    return may_enter(file.parent, account) and _has_bit(file, account, 0o4)


def _has_bit(path: Path, account: Account, bits: int) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    if status.st_uid == account.uid:
        granted = status.st_mode >> 6
    elif status.st_gid == account.gid:
        granted = status.st_mode >> 3
    else:
        granted = status.st_mode
    return granted & bits == bits


def _shelter(checkout: Path, account: Account) -> Path:
    choices = ROOT_SHELTERS if os.geteuid() == 0 else USER_SHELTERS
    usable = (base for base in choices if may_enter(base, account) and os.access(base, os.W_OK))
    identity = hashlib.sha256(f"{account.uid}:{checkout}".encode("utf-8", "surrogateescape"))
    return next(usable, choices[-1]) / f"waraqa-{identity.hexdigest()[:12]}"


def _fits_a_socket(sockets: Path) -> bool:
    longest = max(len(POSTGRES_SOCKET), len(VALKEY_SOCKET))
    # PostgreSQL's client library reads a comma as the border between two hosts
    return len(os.fsencode(sockets)) + 1 + longest <= LONGEST_SOCKET_PATH_BYTES and "," not in str(
        sockets
    )


def _owner(folder: Path) -> int | None:
    try:
        return folder.stat().st_uid
    except OSError:
        return None


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:  # a container started with a bare number
        return Account(name=str(uid), uid=uid, gid=os.getegid())
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
