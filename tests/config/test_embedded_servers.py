"""The servers of one machine, started, killed and found again for real."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from config.embedded import addresses, liveness, supervisor
from config.embedded.addresses import EmbeddedServiceError, Place, place_of
from config.embedded.supervisor import POSTGRES, SERVERS, VALKEY

pytestmark = pytest.mark.machinery

HOLD = """
import sys, time
from pathlib import Path
from config.embedded import supervisor
from config.embedded.addresses import place_of
with supervisor.in_use(place_of(Path(sys.argv[1])), supervisor.SERVERS) as services:
    print(*(service.pid for service in services), flush=True)
    time.sleep(float(sys.argv[2]))
"""


def test_servers_start_on_sockets_only_and_stop(place: Place) -> None:
    services = supervisor.up(place, SERVERS)

    with _connection(place) as connection:
        row = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('data_checksums'),"
            " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),"
            " (SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'waraqa')"
        ).fetchone()
    assert row == ("", "on", False, "bC.UTF-8")
    broker = _broker(place)
    settings = broker.config_get("*")
    assert (settings["port"], settings["appendonly"], settings["save"]) == ("0", "yes", "")
    assert settings["maxmemory-policy"] == "noeviction"
    assert [service.was_running for service in services] == [False, False]
    assert supervisor.down(place, SERVERS) == ["Valkey", "PostgreSQL"]
    assert [service.pid for service in supervisor.status(place, SERVERS)] == [None, None]


def test_servers_never_run_as_root(place: Place) -> None:
    services = supervisor.up(place, SERVERS)

    owners = {Path(f"/proc/{service.pid}").stat().st_uid for service in services}

    assert owners == {place.account.uid}
    assert 0 not in owners


def test_second_start_finds_the_first(place: Place) -> None:
    first = supervisor.up(place, SERVERS)

    second = supervisor.up(place, SERVERS)

    assert [service.pid for service in second] == [service.pid for service in first]
    assert [service.was_running for service in second] == [True, True]


def test_two_starts_at_once_make_one_server(place: Place) -> None:
    holders = [_hold(place, seconds=1.0) for _ in range(2)]

    pids = {holder.stdout.readline() for holder in holders}

    assert len(pids) == 1
    assert [holder.wait(30) for holder in holders] == [0, 0]
    assert [service.pid for service in supervisor.status(place, SERVERS)] == [None, None]


def test_orphans_of_a_killed_supervisor_are_reused_then_stopped(place: Place) -> None:
    holder = _hold(place, seconds=600.0)
    pids = [int(pid) for pid in holder.stdout.readline().split()]

    _kill(holder)

    assert [liveness.is_alive(pid) for pid in pids] == [True, True]
    with supervisor.in_use(place, SERVERS) as services:
        assert [service.pid for service in services] == pids
    assert [liveness.is_alive(pid) for pid in pids] == [False, False]


def test_the_first_to_leave_does_not_stop_what_the_other_uses(place: Place) -> None:
    with supervisor.in_use(place, SERVERS):
        with supervisor.in_use(place, SERVERS):
            pass
        assert all(service.answers for service in supervisor.status(place, SERVERS))

    assert not any(service.answers for service in supervisor.status(place, SERVERS))


def test_services_asked_to_stay_outlive_their_users(place: Place) -> None:
    supervisor.up(place, SERVERS, keep=True)

    with supervisor.in_use(place, SERVERS):
        pass

    assert all(service.answers for service in supervisor.status(place, SERVERS))


def test_a_killed_server_left_as_a_zombie_is_not_taken_for_alive(place: Place) -> None:
    holder = _hold(place, seconds=600.0)
    pids = [int(pid) for pid in holder.stdout.readline().split()]
    with _connection(place) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 41 AS number")
    _broker(place).set("kept", "42")
    time.sleep(1.2)  # the broker writes to disk every second

    for pid in pids:  # their parent sleeps and collects nobody
        os.kill(pid, signal.SIGKILL)
    services = supervisor.up(place, SERVERS)

    assert Path(f"/proc/{pids[0]}/stat").read_text().split()[2] == "Z"
    assert not {service.pid for service in services} & set(pids)
    with _connection(place) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (41,)
    assert _broker(place).get("kept") == "42"
    _kill(holder)


def test_a_pid_file_that_names_a_stranger_is_not_believed(place: Place) -> None:
    supervisor.up(place, SERVERS)
    supervisor.down(place, SERVERS)
    stranger = str(os.getpid())
    (place.postgres_data / "postmaster.pid").write_text(f"{stranger}\n{place.postgres_data}\n")
    (place.valkey_data / "valkey.pid").write_text(f"{stranger}\n")

    services = supervisor.up(place, SERVERS)

    assert [service.answers for service in services] == [True, True]
    assert os.getpid() not in {service.pid for service in services}


def test_a_server_whose_socket_was_removed_is_started_again(place: Place) -> None:
    before = supervisor.up(place, [POSTGRES])
    place.postgres_socket.unlink()

    after = supervisor.up(place, [POSTGRES])

    assert after[0].pid != before[0].pid
    assert not liveness.is_alive(before[0].pid)


def test_a_start_cut_short_while_the_cluster_is_made_is_made_good(place: Place) -> None:
    supervisor.up(place, [VALKEY])
    half_made = place.data / "postgres.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")

    services = supervisor.up(place, [POSTGRES])

    assert services[0].answers
    assert not half_made.exists()


def test_data_of_another_version_is_refused_with_what_to_do(place: Place) -> None:
    supervisor.up(place, [POSTGRES])
    supervisor.down(place, [POSTGRES])
    (place.postgres_data / "PG_VERSION").write_text("14\n")

    with pytest.raises(EmbeddedServiceError, match=r"PostgreSQL 14.*docs/operations\.md"):
        supervisor.up(place, [POSTGRES])


@pytest.fixture
def closed_checkout(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A checkout in a folder of mode 700, and a shelter that is thrown away."""
    shelters = checkout / "shelters"
    shelters.mkdir()
    shelters.chmod(0o755)
    monkeypatch.setattr(addresses, "ROOT_SHELTERS", (shelters,))
    inner = checkout / "closed" / "checkout"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700)
    yield inner
    supervisor.down(place_of(inner), SERVERS)


def test_a_closed_checkout_is_served_from_a_private_folder(
    closed_checkout: Path, as_root: None
) -> None:
    place = place_of(closed_checkout)

    services = supervisor.up(place, SERVERS)

    assert [service.answers for service in services] == [True, True]
    assert closed_checkout not in place.data.parents
    assert place.data.stat().st_mode & 0o777 == 0o700
    assert place.data.stat().st_uid == place.account.uid
    assert closed_checkout.parent.stat().st_mode & 0o777 == 0o700


def test_a_shelter_that_belongs_to_somebody_else_is_refused(
    closed_checkout: Path, as_root: None
) -> None:
    place = place_of(closed_checkout)
    place.data.mkdir()
    os.chown(place.data, 12345, 12345)

    with pytest.raises(EmbeddedServiceError, match="another account"):
        supervisor.up(place, SERVERS)


def test_binaries_out_of_reach_are_copied_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.embedded.folders.may_read", lambda *_: False)

    supervisor.up(place, SERVERS)

    program = Path(f"/proc/{supervisor.status(place, [POSTGRES])[0].pid}/cmdline").read_bytes()
    assert program.startswith(os.fsencode(place.data / "binaries"))


def _hold(place: Place, *, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(place.checkout), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=addresses.CHECKOUT)


def _kill(holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()


def _connection(place: Place) -> psycopg.Connection:
    return psycopg.connect(host=str(place.sockets), user="waraqa", dbname="waraqa", autocommit=True)


def _broker(place: Place) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(place.valkey_socket), decode_responses=True)
