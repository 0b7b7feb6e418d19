"""The signed code: the bytes of the vectors, every refusal, and how large the drawn code is."""

import json
import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from copy import deepcopy
from datetime import date
from pathlib import Path

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from core import signatures
from prescriptions.rules import code
from prescriptions.rules.code_content import MOMENTS

VECTORS = json.loads((Path(__file__).parent / "code_vectors.json").read_text())
GOOD = {each["name"]: each for each in VECTORS["good"]}
JWK = VECTORS["private_jwk"]
DEVICE = VECTORS["device"]
KEY = ec.derive_private_key(
    int.from_bytes(urlsafe_b64decode(JWK["d"] + "="), "big"), ec.SECP256R1()
)
PATIENT = code.PrintedPatient(
    VECTORS["patient"]["full_name"], date.fromisoformat(VECTORS["patient"]["birth_date"])
)
NOT_PRINTED = {"type", "version", "device", "alerts"}
NOTHING = {
    "kind": "MEDICINE",
    "inn": None,
    "order": None,
    "wording": None,
    "over_maximum": False,
}


def as_second_version(document):
    """What version 1 does not say is nothing."""
    lines = [
        {**NOTHING, **line, "dose": line["dose"] and {"bedtime": "0", **line["dose"]}}
        for line in document["lines"]
    ]
    kept = {key: value for key, value in document.items() if key not in NOT_PRINTED}
    return {"starts_on": None, "repeats": None, "secret": None, **kept, "lines": lines}


@pytest.mark.parametrize("name", GOOD)
def test_a_vector_gives_its_bytes_and_its_words(name) -> None:
    vector = GOOD[name]

    assert code.payload(vector["document"], PATIENT).hex() == vector["payload"]
    read = code.read(vector["code"])

    assert read.payload.hex() == vector["payload"]
    assert read.kid == code.kid_of(DEVICE)
    assert (read.content, read.patient) == (as_second_version(vector["document"]), PATIENT)
    assert code.is_signed_by(read, JWK)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_signed_here_reads_as_the_vector(name) -> None:
    vector = GOOD[name]
    text = code.sign(bytes.fromhex(vector["payload"]), device=DEVICE, key=KEY)

    read = code.read(f"  {text}\n")

    assert code.is_signed_by(read, JWK)
    assert read.content == code.read(vector["code"]).content


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda each: each["name"])
def test_what_is_no_code_says_where_reading_stopped(vector) -> None:
    with pytest.raises(code.CodeUnreadable) as refused:
        code.read(vector["code"])

    assert refused.value.reason == vector["reason"]


def test_only_long_words_are_packed() -> None:
    packed = [
        name for name, each in GOOD.items() if code.b45decode(each["code"][5:])[:1] == b"\x78"
    ]

    assert "long words, packed" in packed
    assert "version 1, one line" not in packed


def test_one_letter_changed_is_never_the_same_signed_code() -> None:
    text = GOOD["version 1, one line"]["code"]
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

    for at in range(len(code.PREFIX), len(text)):
        other = letters[(letters.index(text[at]) + 7) % len(letters)]
        changed = text[:at] + other + text[at + 1 :]
        try:
            read = code.read(changed)
        except code.CodeUnreadable:
            continue
        assert not code.is_signed_by(read, JWK)


def test_another_key_has_not_signed_it() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()

    assert not code.is_signed_by(code.read(GOOD["twelve lines"]["code"]), signatures.jwk_of(other))


def test_a_key_that_is_no_point_has_signed_nothing() -> None:
    read = code.read(GOOD["twelve lines"]["code"])

    assert not code.is_signed_by(read, {**JWK, "x": "AAAA", "y": "AAAA"})


NAMES = ("Zineb Amellal", "Fatima-Zahra El Idrissi El Hassani")


@pytest.mark.parametrize("full_name", NAMES)
def test_twelve_lines_fit_in_a_code_of_version_15(full_name) -> None:
    document = {
        **deepcopy(GOOD["twelve lines"]["document"]),
        "provider": "1001234567",
        "starts_on": "2026-12-01",
        "repeats": {"count": 12, "every_days": 30},
    }
    draw = random.Random(4)  # what differs from line to line cannot be packed away
    for line in document["lines"]:
        taken = {moment: draw.choice(["0", "1", "0.5", "1.5"]) for moment in MOMENTS}
        line |= {"illness": draw.choice([None, "E11.9", "I10"]), "dose": taken}
        line |= {"days": draw.choice([7, 30, 90]), "boxes": draw.randint(1, 9)}

    content = code.payload(document, code.PrintedPatient(full_name, date(1931, 1, 1)))
    text = code.sign(content, device=DEVICE, key=KEY)
    drawn = segno.make(text, error="m", boost_error=False, micro=False)

    assert int(drawn.version) <= 15
    assert drawn.mode == "alphanumeric"


DOSES = st.from_regex(r"[1-9]?[0-9](\.([0-9][1-9]|[1-9]))?", fullmatch=True)
LINES = st.fixed_dictionaries(
    {
        "position": st.integers(1, 999),
        "kind": st.just("MEDICINE"),
        "ean": st.from_regex(r"[0-9]{13}", fullmatch=True),
        "inn": st.none(),
        "order": st.none(),
        "wording": st.none() | st.text(st.characters(exclude_categories=["Cc", "Cs"])),
        "dose": st.none() | st.fixed_dictionaries(dict.fromkeys(MOMENTS, DOSES)),
        "days": st.none() | st.integers(1, 999),
        "boxes": st.integers(1, 999),
        "substitution": st.booleans(),
        "illness": st.none() | st.text("ABC.123-", min_size=1),
        "over_maximum": st.booleans(),
    }
)


@given(lines=st.lists(LINES, max_size=8), born=st.dates(date(1900, 1, 1), date(2030, 1, 1)))
def test_what_is_written_reads_again(lines, born) -> None:
    document = {**GOOD["twelve lines"]["document"], "lines": lines}
    patient = code.PrintedPatient("زينب Amellal", born)
    content = code.payload(document, patient)

    read = code.read(code.sign(content, device=DEVICE, key=KEY))

    assert (read.content, read.patient) == (as_second_version(document), patient)


@given(st.text(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"), max_size=400))
def test_letters_at_random_are_refused(letters) -> None:
    with pytest.raises(code.CodeUnreadable):
        code.read(code.PREFIX + letters)


def test_the_vectors_use_the_published_example_key() -> None:
    number = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721
    public = signatures.jwk_of(ec.derive_private_key(number, ec.SECP256R1()).public_key())

    assert JWK["d"] == urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()
    assert signatures.thumbprint(public) == DEVICE
