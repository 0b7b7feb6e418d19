"""Bodies that went wrong in seeded ways: every answer is the work or a problem, never a failure."""

import copy
import random

import pytest

from tests import world
from tests.api.conftest import Api, signed_by

pytestmark = pytest.mark.django_db
ROUNDS = 60
VALUES = [
    None, True, False, 0, -1, 1, 2**53 - 1, -(2**53) + 1, "", " ", "é", "ع", "ⴰ", "\U0001f600", "0",
    "-1.00", "9" * 400, "0.00", "1000000000000.00", "2026-02-30", "0001-01-01", "9999-12-31",
    "{}", "' OR 1=1", "../../etc", "%s%(x)s", "a" * 5000, [], {}, [[]], [{}], {"a": {"b": [1]}},
    ["x"] * 201, "7Q4KDX2M9ATZ", "01935b6e-7c1a-7e6f-9a5b-3f1f0a4f6c21",
]  # fmt: skip


def places(value, path=()):
    """Every place of a JSON value, the root included."""
    yield path
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return
    for key, each in pairs:
        yield from places(each, (*path, key))


def mutated(body, rng):
    """A copy with one to three places dropped, replaced, doubled or joined by a stranger."""
    body = copy.deepcopy(body)
    for _each in range(rng.randint(1, 3)):
        path = rng.choice(list(places(body)))
        if not path:
            continue
        parent = body
        for key in path[:-1]:
            parent = parent[key]
        gesture = rng.choice(["drop", "replace", "replace", "extra"])
        if gesture == "drop":
            del parent[path[-1]]
        elif gesture == "replace":
            parent[path[-1]] = copy.deepcopy(rng.choice(VALUES))
        elif isinstance(parent, dict):
            parent[f"inconnu{rng.randint(0, 9)}"] = copy.deepcopy(rng.choice(VALUES))
        else:
            parent.append(copy.deepcopy(rng.choice(VALUES)))
    return body


def requests_of(doctor, shop, patient, box, prescription):
    """A right body for every POST of the API, and who sends it."""
    number = prescription.fse_number
    jwk = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}
    care = world.care_document(doctor, patient)
    handed = world.dispensing_document(shop, prescription, [(1, box, 1, "75.00")])
    yield doctor, "devices", {"provider": doctor.provider.inpe, "label": "x", "public_jwk": jwk}
    yield doctor, f"devices/{shop.device.kid}/revocation", {"a": 1}
    yield doctor, "rights-checks", {"cin": "AB12", "day": world.TODAY.isoformat()}
    yield (
        doctor,
        "prescriptions",
        signed_by(doctor, world.prescription_document(doctor, patient, [box])),
    )
    yield shop, f"prescriptions/{number}/custody", {"provider": shop.provider.inpe}
    yield doctor, f"prescriptions/{number}/cancellation", {"reason": "essai"}
    yield doctor, "claims", signed_by(doctor, care)
    yield shop, "dispensings", signed_by(shop, handed)
    yield doctor, "estimates", {"document": care}
    yield shop, "estimates", {"document": handed}


@pytest.mark.parametrize("which", range(10))
@pytest.mark.parametrize("resigned", [False, True])
def test_mutated_bodies_are_answered_by_problems(
    doctor, shop, patient, box, prescription, which, resigned, settings
):
    settings.LOGGING_CONFIG = None
    sender, path, body = list(requests_of(doctor, shop, patient, box, prescription))[which]
    api, rng = Api(user=sender.user), random.Random(which)

    for _round in range(ROUNDS):
        wrong = mutated(body, rng)
        if resigned and isinstance(wrong, dict) and isinstance(wrong.get("document"), dict):
            wrong |= {"signature": sender.sign(wrong["document"]).signature}
        response = api.post(path, wrong)
        answer = response.json()

        assert response.status_code < 500, (wrong, answer)
        if response.status_code >= 400:
            assert response["Content-Type"] == "application/problem+json"
            assert answer["code"]
            assert answer["message"]["ar"]


@pytest.mark.parametrize("address", ["claims", "medicines", "acts", "statements"])
def test_mutated_queries_are_answered_by_problems(doctor, address):
    api, rng = Api(user=doctor.user), random.Random(address)
    names = ["q", "day", "provider", "cursor", "page_size", "fse_number", "state", "x"]
    texts = [str(value) for value in VALUES if not isinstance(value, list | dict)] + ["a\x00b", "%"]

    for _round in range(ROUNDS):
        query = {name: rng.choice(texts) for name in rng.sample(names, rng.randint(1, 3))}
        response = api.get(address, **query)

        assert response.status_code < 500, (query, response.json())


@pytest.mark.parametrize("text", ["%00", "a%00b", "%0A", "é", "x" * 300, "..%2f"])
def test_mutated_addresses_are_answered_by_problems(as_doctor, as_pharmacist, text):
    for api, address in [
        (as_doctor, f"medicines/{text}"),
        (as_pharmacist, f"prescriptions/{text}"),
        (as_doctor, f"claims/{text}"),
    ]:
        assert api.get(address).status_code == 404
