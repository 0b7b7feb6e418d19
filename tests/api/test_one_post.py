"""What one claim costs the database: statements and round trips, heard on the wire."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connection

from claims.models import WaitingClaim
from tests import world
from tests.api.conftest import Api, signed_by, token_of

pytestmark = pytest.mark.django_db(transaction=True)

ACTS = ("C", "K10", "B35", "Z8")


FRAME = ('"BEGIN"', '"COMMIT"')


@dataclass
class Heard:
    """Statements answered, BEGIN and COMMIT left out, and turns of the conversation."""

    statements: int = 0
    round_trips: int = 0


@contextmanager
def listening(folder: Path) -> Iterator[Heard]:
    """Count what this connection says and hears, by libpq's own trace of its messages."""
    heard, trace = Heard(), folder / "trace"
    driver = connection.connection.pgconn
    with trace.open("wb") as file:
        driver.trace(file.fileno())
        yield heard
        driver.untrace()
    last_side = "B"
    for line in trace.read_text(errors="replace").splitlines():
        _at, side, _length, kind, *rest = line.split("\t")
        heard.round_trips += side == "F" and last_side == "B"
        heard.statements += kind == "CommandComplete" and rest[0].strip() not in FRAME
        last_side = side


def four_lines(doctor, patient):
    return world.care_document(
        doctor,
        patient,
        lines=[
            {
                "position": position,
                "act": act,
                "quantity": 1,
                "charged": "100.00",
                "care_date": world.TODAY.isoformat(),
                "illness": None,
            }
            for position, act in enumerate(ACTS, start=1)
        ],
    )


@pytest.fixture
def api(doctor):
    return Api(token=token_of(doctor))


def posted_twice(api, doctor, patient):
    """Post two claims of four lines; the first reads the lists and has statements planned."""
    bodies = [signed_by(doctor, four_lines(doctor, patient)) for _each in range(2)]
    assert api.post("claims", bodies[0]).status_code == 201
    return lambda: api.post("claims", bodies[1])


def test_a_claim_of_four_lines_is_eight_statements_in_four_round_trips(
    api, doctor, patient, tmp_path
):
    for act, letter in zip(ACTS, "CKBZ", strict=True):
        world.act(act, letter=letter)
    post = posted_twice(api, doctor, patient)

    with listening(tmp_path) as heard:
        answer = post().json()

    assert (answer["state"]["code"], answer["decision"]["outcome"]) == ("ADJUDICATED", "approved")
    assert heard == Heard(statements=8, round_trips=4)


def test_a_ceiling_and_a_review_take_no_round_trip_more(api, doctor, patient, tmp_path):
    world.act("K10", letter="K", ceiling="dental_prosthesis")
    for act in ("B35", "Z8"):
        world.act(act, letter="NONE")
    post = posted_twice(api, doctor, patient)

    with listening(tmp_path) as heard:
        answer = post().json()

    assert answer["state"]["code"] == "IN_REVIEW"
    assert WaitingClaim.objects.get(claim_id=answer["id"]).state == "IN_REVIEW"
    assert heard == Heard(statements=10, round_trips=4)


def test_the_receipt_is_what_reading_the_claim_gives(api, doctor, patient):
    for act, letter in zip(ACTS, "CKBZ", strict=True):
        world.act(act, letter=letter)

    receipt = posted_twice(api, doctor, patient)().json()

    assert receipt == api.get(f"claims/{receipt['id']}").json()


def test_a_refused_claim_leaves_its_key_free(api, doctor, patient):
    for act, letter in zip(ACTS, "CKBZ", strict=True):
        world.act(act, letter=letter)
    document = four_lines(doctor, patient)
    forged = {"document": document, "signature": "A" * 86}

    refused = api.post("claims", forged, key="reprise-1")
    accepted = api.post("claims", signed_by(doctor, document), key="reprise-1")

    assert (refused.status_code, accepted.status_code) == (422, 201)
