"""A pack: the same bytes for the same data, enough to judge where nothing is installed, or refused."""

import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bootstrap import secrets_file
from claims.adjudication.es256 import is_signed
from claims.adjudication.pack import PackError, canonical, read_pack, thumbprint
from core import signatures
from tests import world
from tests.claims.adjudication.builders import a_case

KEY = ec.generate_private_key(ec.SECP256R1())
ORDER = secrets_file.P256_ORDER
DAY = ["--day", "2026-11-22"]
Export = Callable[..., Path]


def encoded(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


@pytest.fixture
def export(tmp_path: Path, settings) -> Export:
    """Export a pack from a server that has its seal; its file."""
    settings.SEAL_KEY = encoded(KEY.private_numbers().private_value)

    def exported(*arguments: str) -> Path:
        file = tmp_path / "pack.json"
        call_command("export_pack", "--out", str(file), *DAY, *arguments, stderr=StringIO())
        return file

    return exported


@pytest.fixture
def small_pack(export: Export) -> Path:
    """The law alone; no database is needed."""
    return export("--lists", "none")


def judge(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the engine with Python's own library alone: no site-packages, no environment."""
    program = (
        "import runpy, sys\n"
        f"sys.path.insert(0, {str(settings.BASE_DIR)!r})\n"
        f"sys.argv[1:] = {[str(each) for each in arguments]!r}\n"
        "runpy.run_module('claims.adjudication', run_name='__main__')\n"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, timeout=60
    )


@pytest.mark.django_db
def test_the_same_database_and_day_give_the_same_bytes(export: Export) -> None:
    _some_lists()

    first = export().read_bytes()

    assert export().read_bytes() == first
    assert first == canonical(json.loads(first)) + b"\n"
    assert first.rstrip(b"\n") == signatures.canonical(json.loads(first))


@pytest.mark.django_db
def test_lists_say_what_a_judgement_needs_and_nobody_s_name(export: Export) -> None:
    doctor, medicine = _some_lists()

    text = export().read_text(encoding="utf-8")
    pack = json.loads(text)

    assert pack["lists"]["acts"][0] | {"valid": None} == {
        "act": "C",
        "valid": None,
        "letter": "C",
        "coefficient": "1.00",
        "flat_tariff": None,
        "covered": True,
        "needs_prior_approval": False,
        "ceiling": None,
        "frequency": None,
    }
    assert pack["lists"]["medicines"] == [
        {
            "ean": medicine.ean,
            "valid": ["2020-01-01", None],
            "public_price": "75.00",
            "base_price": "60.00",
            "list_rate": "0.70",
        }
    ]
    assert pack["lists"]["providers"] == [
        {
            "provider": doctor.provider.inpe,
            "kind": "DOCTOR",
            "sector": "PRIVATE",
            "agreement": ["2020-01-01", None],
        }
    ]
    assert pack["lists"]["illnesses"][0]["code"] == "E11"
    assert (pack["created_at"], pack["valid_from"]) == ("2026-11-22", "2026-11-22")
    for private in (doctor.provider.name, doctor.user.full_name, doctor.device.kid):
        assert private not in text
    assert read_pack(text.encode()).law.digest == world.law().digest


def _some_lists():
    world.act("C")
    world.published_diabetes()
    return world.practice(), world.medicine()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (["medicines"], ["medicines"]),
        (["none"], []),
        (["acts", "providers"], ["acts", "providers"]),
    ],
)
def test_only_the_lists_asked_for(export: Export, asked: list[str], names: list[str]) -> None:
    pack = json.loads(export("--lists", *asked).read_text(encoding="utf-8"))

    assert list(pack["lists"]) == names
    assert list(pack["digests"]) == sorted([*names, "law"])


def test_all_and_none_are_given_alone(export: Export) -> None:
    with pytest.raises(CommandError, match="se donnent seuls"):
        export("--lists", "all", "acts")


@pytest.mark.parametrize("key", ["", "x", "!!", encoded(0), encoded(ORDER)])
def test_a_server_without_a_seal_issues_nothing(
    export: Export, tmp_path: Path, settings, key: str
) -> None:
    settings.SEAL_KEY = key

    with pytest.raises(CommandError, match="make setup"):
        export("--lists", "none")
    assert list(tmp_path.iterdir()) == []


def test_a_pack_judges_where_nothing_is_installed(small_pack: Path, tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text(f"{json.dumps(a_case())}\noops\n", encoding="utf-8")
    kid = thumbprint(signatures.jwk_of(KEY.public_key()))

    done = judge("--key", kid, small_pack, cases)

    here = StringIO()
    with pytest.raises(CommandError):
        call_command("adjudicate_cases", str(cases), stdout=here)
    assert done.returncode == 1
    assert done.stdout == here.getvalue()
    assert kid in done.stderr


def test_nothing_is_installed_there_indeed() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "import yaml"], capture_output=True, text=True
    )

    assert "No module named 'yaml'" in done.stderr


def changed(pack: dict, **members) -> dict:
    return {**pack, **members}


def rate_doubled(pack: dict) -> dict:
    pack["law"]["parameters"]["rates.standard_act"]["values"][0]["value"]["value"] = 9_900
    return pack


def sealed_again(pack: dict, key: ec.EllipticCurvePrivateKey = KEY) -> dict:
    """What a forger with a key of their own can do."""
    document = {name: each for name, each in pack.items() if name != "signature"}
    jwk = signatures.jwk_of(key.public_key())
    value = signatures.sign(document, key)
    kid = signatures.thumbprint(jwk)
    return {**document, "signature": {"alg": "ES256", "kid": kid, "jwk": jwk, "value": value}}


FORGED = {
    "law changed": (rate_doubled, "the signature is not that of the content"),
    "law changed and sealed again": (
        lambda pack: sealed_again(rate_doubled(pack)),
        "the digest of 'law' is not that of its content",
    ),
    "list added": (
        lambda pack: sealed_again(changed(pack, lists={"acts": []})),
        "the digest of 'acts'",
    ),
    "list of another kind": (
        lambda pack: sealed_again(changed(pack, lists={"people": []})),
        "lists of another format",
    ),
    "digest without its list": (
        lambda pack: sealed_again(changed(pack, digests={**pack["digests"], "acts": "0" * 64})),
        "the digest of 'acts'",
    ),
    "no signature": (lambda pack: changed(pack, signature=None), "not signed with ES256"),
    "another algorithm": (
        lambda pack: changed(pack, signature={**pack["signature"], "alg": "none"}),
        "not signed with ES256",
    ),
    "another name for the key": (
        lambda pack: changed(pack, signature={**pack["signature"], "kid": "x"}),
        "names another key",
    ),
    "a key that is none": (
        lambda pack: changed(pack, signature={**pack["signature"], "jwk": {"kty": "EC"}}),
        "the signature is not",
    ),
    "another version": (lambda pack: changed(pack, version=2), "version 2"),
    "another schema": (lambda pack: changed(pack, schema="x"), "this is no pack"),
    "one member more": (lambda pack: changed(pack, more=1), "the pack must have"),
    "unreadable law": (
        lambda pack: sealed_again(changed(pack, law={"parameters": {}})),
        "the law of the pack cannot be used",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_pack_that_was_changed_is_refused(small_pack: Path, name: str) -> None:
    forge, said = FORGED[name]
    forged = forge(json.loads(small_pack.read_text(encoding="utf-8")))

    with pytest.raises(PackError, match=said):
        read_pack(json.dumps(forged).encode())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not JSON"),
        (b"[]", "no pack"),
        (b'{"a": 1.5}', "not whole"),
        (b'{"a":1,"a":1}', "twice"),
    ],
)
def test_what_is_no_pack_is_said(content: bytes, said: str) -> None:
    with pytest.raises(PackError, match=said):
        read_pack(content)


def test_another_server_s_pack_is_refused_where_its_key_is_known(small_pack: Path) -> None:
    mine = thumbprint(signatures.jwk_of(KEY.public_key()))
    other = sealed_again(
        json.loads(small_pack.read_text()), ec.generate_private_key(ec.SECP256R1())
    )

    assert read_pack(json.dumps(other).encode())
    with pytest.raises(PackError, match=f"not by {mine}"):
        read_pack(json.dumps(other).encode(), kid=mine)


def test_a_refused_pack_judges_nothing(small_pack: Path, tmp_path: Path) -> None:
    small_pack.write_text(small_pack.read_text().replace('"bareme"', '"x"').replace("0", "1", 1))
    cases = tmp_path / "cases.jsonl"
    cases.write_text(json.dumps(a_case()), encoding="utf-8")

    done = judge(small_pack, cases)

    assert (done.returncode, done.stdout) == (2, "")
    assert "is refused, nothing was judged" in done.stderr
    assert "Traceback" not in done.stderr


@examples(deadline=None, max_examples=40)
@given(st.binary(max_size=64), st.integers(1, ORDER - 1), st.integers(0, 511))
def test_our_verification_agrees_with_the_library_s(message: bytes, number: int, bit: int) -> None:
    key = ec.derive_private_key(number, ec.SECP256R1())
    jwk = signatures.jwk_of(key.public_key())
    document = {"message": message.hex()}
    value = signatures.sign(document, key)
    raw = bytearray(signatures.decoded(value))
    raw[bit // 8] ^= 1 << bit % 8
    wrong = urlsafe_b64encode(bytes(raw)).decode()

    assert is_signed(canonical(document), value, jwk)
    assert signatures.is_signed(document, value, jwk)
    assert not is_signed(canonical(document), wrong, jwk)


@pytest.mark.parametrize(("r", "s"), [(0, 1), (1, 0), (ORDER, 1), (1, ORDER), (0, 0)])
def test_numbers_outside_the_order_sign_nothing(r: int, s: int) -> None:
    value = urlsafe_b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()

    assert not is_signed(b"x", value, signatures.jwk_of(KEY.public_key()))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(st.characters(codec="ascii")), each),
    )
)
def test_our_canonical_bytes_are_those_of_the_standard(document) -> None:
    assert canonical(document) == signatures.canonical(document)


def test_set_up_draws_what_an_older_installation_lacks(tmp_path, monkeypatch) -> None:
    file = tmp_path / "secrets.env"
    file.write_text("SECRET_KEY=kept")
    monkeypatch.setattr(secrets_file, "FILE", file)
    for name in secrets_file.SECRETS:
        monkeypatch.delenv(name, raising=False)

    secrets_file.ensure()
    once = file.read_text()
    secrets_file.ensure()

    assert file.read_text() == once
    kept, *drawn = once.splitlines()
    assert kept == "SECRET_KEY=kept"
    assert [line.partition("=")[0] for line in drawn] == ["SEAL_KEY", "SEALING_KEYS"]
    assert [len(line.partition("=")[2]) for line in drawn] == [43, 43]
