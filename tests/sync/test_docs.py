"""docs/offline.md: its worked example verifies byte by byte, and every test it names exists."""

import json
import re
from pathlib import Path

from joserfc import jws
from joserfc.jwk import ECKey

from core import signatures
from core.errors import DomainError
from sync.gateways import opened, read_issued, seal_jwk, sealing_jwk
from sync.intake import envelope_hash, read_envelope
from sync.services import _refusals

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "offline.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def test_the_worked_example_verifies_byte_by_byte() -> None:
    device, seal, sealing, content, envelope, says = (json.loads(each) for each in blocks("json"))
    hashed, receipt = blocks("text")[0].split()

    read = read_envelope(envelope)
    assert signatures.thumbprint(device) == read.device
    assert signatures.is_signed(read.document, read.signature, device)
    assert envelope_hash(read.document) == read.hash == hashed
    assert (seal, sealing) == (seal_jwk(), sealing_jwk())
    assert json.loads(opened(read.sealed)) == content
    assert read_issued(read.anchor or "")["device"] == read.device
    key = ECKey.import_key({name: seal[name] for name in ("kty", "crv", "x", "y")})
    assert json.loads(jws.deserialize_compact(receipt, key, ["ES256"]).payload) == says
    assert says["hash"] == hashed


def test_a_byte_changed_in_the_example_is_seen() -> None:
    envelope = json.loads(blocks("json")[4])
    device = json.loads(blocks("json")[0])
    changed = {**envelope["document"], "sequence": 2}
    assert not signatures.is_signed(changed, envelope["signature"], device)


def test_every_test_the_page_names_exists() -> None:
    rooms = [ROOT / "tests" / name for name in ("sync", "claims", "fraud")]
    tests = "\n".join(each.read_text() for room in rooms for each in room.glob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    assert len(named) > 30
    assert {name for name in named if f"def {name}(" not in tests} == set()


def test_every_code_of_an_envelope_is_on_the_page() -> None:
    codes = {
        each.code
        for each in vars(_refusals).values()
        if isinstance(each, type) and issubclass(each, DomainError)
    }
    offline = {code for code in codes if code.startswith("OFF_")}
    assert len(offline) > 20
    assert {code for code in offline if f"| `{code}` |" not in PAGE} == set()
