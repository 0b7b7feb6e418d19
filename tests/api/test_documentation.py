"""docs/api.md: its worked example verifies, its program signs, its lists of codes are whole."""

import json
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from config import api_urls
from core import signatures
from core.api.entries import MESSAGES
from core.errors import DomainError
from core.numbers import is_fse_number

PAGE = Path(api_urls.__file__).parents[1] / "docs" / "api.md"
ROOMS = ("core", "providers", "prescriptions", "claims", "sync")
# Of other rooms, the modules whose refusals an address of the API can answer.
ALSO = (
    "insured.services._presence",
    "payments.services._corrections",
    "payments.services._statements",
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)


def subclasses(error: type[DomainError]):
    for each in error.__subclasses__():
        yield each
        yield from subclasses(each)


def test_the_worked_example_verifies():
    jwk, document = (json.loads(block) for block in blocks("json")[:2])
    digest, signature = (block.strip() for block in blocks("text"))

    assert signatures.thumbprint(jwk) == document["device"]
    assert is_fse_number(document["fse_number"])
    assert signatures.document_hash(document) == digest
    assert signatures.is_signed(document, signature, jwk)


def test_the_program_of_the_page_signs_what_the_server_verifies():
    names: dict = {}
    exec(blocks("python")[0], names)  # noqa: S102 (our own page)
    key = ec.generate_private_key(ec.SECP256R1())
    document = json.loads(blocks("json")[1])

    body = names["signed"](document, key)

    jwk = signatures.jwk_of(key.public_key())
    assert signatures.is_signed(body["document"], body["signature"], jwk)


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_every_code_of_a_field_is_on_the_page(code):
    assert f"| `{code}` |" in PAGE.read_text()


def test_every_code_of_a_problem_is_on_the_page():
    page = PAGE.read_text()
    ours = {
        error.code
        for error in subclasses(DomainError)
        if (error.__module__.split(".")[0] in ROOMS or error.__module__ in ALSO)
        and error.code not in ("APPLIED", "REFUSED")  # outcomes of an envelope, told as such
        and not error.code.startswith("OFF_")  # docs/offline.md has these, and its own test
        and "import" not in error.__module__
        and ".reference" not in error.__module__
    }

    assert {code for code in ours if f"| `{code}` |" not in page} == set()
