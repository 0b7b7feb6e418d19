"""Where the servers live is computed from paths and permissions alone."""

import os
from pathlib import Path
from urllib.parse import unquote

import environ
import pytest
from kombu import Connection

from config.embedded import addresses
from config.embedded.addresses import Account, Place, broker_url, database_url, place_of

ORDINARY = Account(name="ordinary", uid=os.geteuid(), gid=os.getegid())
STRANGER = Account(name="stranger", uid=os.geteuid() + 61_000, gid=os.getegid() + 61_000)


def test_servers_live_under_var_by_default(checkout: Path) -> None:
    place = place_of(checkout, account=ORDINARY)

    assert place.data == checkout / "var"
    assert place.sockets == checkout / "var" / "sockets"
    assert place.reasons == ()


def test_database_url_is_read_back_by_the_settings(checkout: Path) -> None:
    place = _place_at(checkout / "Étage 2 d'une maison")

    config = environ.Env.db_url_config(database_url(place))

    assert unquote(str(config["HOST"])) == str(place.sockets)
    assert (config["USER"], config["NAME"]) == ("waraqa", "waraqa")


def test_broker_url_is_read_back_by_celery(checkout: Path) -> None:
    place = _place_at(checkout / "Étage 2 d'une maison")

    with Connection(broker_url(place)) as connection:
        parameters = connection.transport.Channel._connparams

    assert parameters is not None
    assert unquote(broker_url(place)).startswith(f"redis+socket://{place.valkey_socket}?")


@pytest.mark.parametrize("name", ["d" * 90, "one,two"])
def test_sockets_move_where_their_path_would_not_do(checkout: Path, name: str) -> None:
    place = place_of(checkout / name, account=ORDINARY)

    assert place.data == checkout / name / "var"
    assert checkout not in place.sockets.parents
    assert len(os.fsencode(place.postgres_socket)) <= addresses.LONGEST_SOCKET_PATH_BYTES
    assert len(place.reasons) == 1
    assert str(place.sockets) in place.reasons[0]


def test_the_longest_path_that_fits_stays(checkout: Path) -> None:
    used = len(os.fsencode(checkout)) + len("//var/sockets/.s.PGSQL.5432")
    longest = checkout / ("d" * (addresses.LONGEST_SOCKET_PATH_BYTES - used))

    assert place_of(longest, account=ORDINARY).reasons == ()
    assert place_of(longest.with_name(longest.name + "d"), account=ORDINARY).reasons != ()


def test_everything_moves_where_the_servers_account_cannot_enter(checkout: Path) -> None:
    checkout.chmod(0o700)

    place = place_of(checkout, account=STRANGER)

    assert checkout not in place.data.parents
    assert place.sockets.parent == place.data
    assert "'stranger'" in place.reasons[0]
    assert str(place.data) in place.reasons[0]


def test_two_checkouts_never_share_a_shelter(checkout: Path) -> None:
    first, second = checkout / ("a" * 90), checkout / ("b" * 90)

    places = [place_of(folder, account=ORDINARY) for folder in (first, second)]

    assert places[0].sockets != places[1].sockets
    assert place_of(first, account=ORDINARY).sockets == places[0].sockets


def test_permission_of_the_group_counts(checkout: Path) -> None:
    checkout.chmod(0o710)
    member = Account(name="member", uid=STRANGER.uid, gid=checkout.stat().st_gid)

    assert addresses.may_enter(checkout, member)
    assert not addresses.may_enter(checkout, STRANGER)


def test_root_keeps_the_account_that_owns_the_data(checkout: Path, as_root: None) -> None:
    data = checkout / "var" / "postgres"
    data.mkdir(parents=True)
    os.chown(data, 65534, 65534)

    assert addresses.server_account(checkout / "var").uid == 65534


def _place_at(checkout: Path) -> Place:
    return Place(checkout, checkout / "var", checkout / "var" / "sockets", ORDINARY)
