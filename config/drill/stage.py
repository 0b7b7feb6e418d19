"""The servers of a drill, in a folder of its own: started, killed, emptied, filled, and taken away."""

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from config.embedded import folders, liveness, postgres, supervisor, valkey
from config.embedded.addresses import CHECKOUT, DATABASE, DATABASE_USER, Place, place_of
from config.embedded.processes import Foreground, die_with_parent

FOLDER = CHECKOUT / "var" / "drill"
# Two segments more than the small WAL below may use: the rest is what a drill fills.
WAL_BYTES = 208 * 1024 * 1024
# After a kill, one flush of the file system instead of one for each of a thousand files.
SOON_BACK = "recovery_init_sync_method = 'syncfs'"
SMALL_WAL = ("max_wal_size = '96MB'", "min_wal_size = '32MB'")


def guarded(folder: Path, work: Callable[[Place], int]) -> int:
    """Run `work` on the place of `folder`, in a child; whatever becomes of it, take away what it leaves."""
    folder.mkdir(parents=True, exist_ok=True)
    place = place_of(folder)
    # Held by the guardian and its child: a second drill would take the first one's servers away.
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Such a drill of this checkout is under way: wait for its end, or stop it (Ctrl-C).")
        return 1
    guardian = os.getpid()
    child = os.fork()
    if child == 0:
        die_with_parent()
        if os.getppid() != guardian:
            os._exit(1)
        sys.exit(work(place))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os.kill(child, signal.SIGTERM))
    _pid, status = os.waitpid(child, 0)
    clear(place)
    return os.waitstatus_to_exitcode(status)


def clear(place: Place) -> None:
    """End and remove whatever a drill left, its own crash included."""
    if place.runtime.is_dir():
        Foreground(place, say=lambda _line: None)
        supervisor.down(place, supervisor.SERVERS)
    wal = wal_folder(place)
    if os.path.ismount(wal):
        subprocess.run(["umount", str(wal)], check=True)
    for folder in (place.postgres_data, place.valkey_data, wal):
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def servers(place: Place, *, small_wal: bool = True) -> Iterator[bool]:
    """Have empty servers within the block; tell whether the WAL stands on a small tmpfs, as asked."""
    clear(place)
    folders.prepare(place)
    try:
        supervisor.up(place, supervisor.SERVERS)
        with connect(place, "postgres") as connection:
            connection.execute(f"ALTER SYSTEM SET {SOON_BACK}")
            connection.execute("SELECT pg_reload_conf()")
        yield small_wal and _move_wal(place)
    finally:
        clear(place)


def connect(place: Place, database: str = DATABASE) -> psycopg.Connection:
    """A connection of the harness, beside the product's."""
    return psycopg.connect(
        host=str(place.sockets),
        user=postgres.SUPERUSER,
        dbname=database,
        autocommit=True,
        connect_timeout=5,
    )


def copy_database(place: Place, name: str) -> None:
    """Copy the drill's database as it is now; nobody may be connected to it."""
    with connect(place, "postgres") as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {DATABASE} OWNER {DATABASE_USER}")


def kill_postgres(place: Place) -> None:
    """SIGKILL the server and every process of it at once."""
    for pid in liveness.processes_working_in(place.postgres_data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def start_postgres(place: Place) -> None:
    """Start the server again; it recovers by itself."""
    postgres.start(place)


def empty_valkey(place: Place) -> None:
    """SIGKILL the broker, lose all it held, start it again."""
    for pid in liveness.processes_working_in(place.valkey_data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    valkey.stop(place)
    for kept in place.valkey_data.iterdir():
        shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
    valkey.start(place)


def fill_wal(place: Place) -> bool:
    """Fill the disk of the WAL until the server stops; tell whether it did."""
    filler = wal_folder(place) / "filler"
    pids = liveness.processes_working_in(place.postgres_data)
    free = shutil.disk_usage(wal_folder(place)).free
    with filler.open("wb") as file, contextlib.suppress(OSError):
        os.posix_fallocate(file.fileno(), 0, free)
    with contextlib.suppress(psycopg.Error), connect(place, "postgres") as connection:
        for _segment in range(WAL_BYTES >> 24):
            connection.execute("SELECT pg_logical_emit_message(false, 'drill', 'full')")
            connection.execute("SELECT pg_switch_wal()")
    return liveness.wait_until_gone(pids[:1], 10.0)


def free_wal(place: Place) -> None:
    """Give the disk of the WAL its space back."""
    (wal_folder(place) / "filler").unlink(missing_ok=True)


def wal_folder(place: Place) -> Path:
    """Where the WAL stands when it has a disk of its own."""
    return place.data / "wal"


def _move_wal(place: Place) -> bool:
    """Give the WAL a small tmpfs, which only root can mount."""
    wal = wal_folder(place)
    if os.geteuid() != 0:
        return False
    folders.make_private(wal, place)
    owner = f"size={WAL_BYTES},mode=0700,uid={place.account.uid},gid={place.account.gid}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", owner, "waraqa-drill", str(wal)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode != 0:
        return False
    with connect(place, "postgres") as connection:
        for setting in SMALL_WAL:
            connection.execute(f"ALTER SYSTEM SET {setting}")
    postgres.stop(place)
    home = place.postgres_data / "pg_wal"
    subprocess.run(["cp", "-a", f"{home}/.", str(wal)], check=True)
    shutil.rmtree(home)
    home.symlink_to(wal)
    os.chown(home, place.account.uid, place.account.gid, follow_symlinks=False)
    postgres.start(place)
    return True
