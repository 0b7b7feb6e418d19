"""The bank's channel: a file counts when its bytes are signed by the bank, and by nobody else."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import CommandError, call_command
from django.test import override_settings

from core import signatures
from payments import services
from payments.gateways.demo_bank import (
    demo_bank_jwk,
    demo_bank_notification,
    demo_bank_signature,
)
from payments.models import BankAnswer
from tests import world
from tests.payments.test_answers import Sent
from tests.payments.test_batches import refused, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_signed")]
STRANGER = ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def only_signed(settings) -> None:
    settings.BANK_ANSWERS_MAY_BE_UNSIGNED = False


@pytest.fixture
def sent(preparer, approver) -> Sent:
    return Sent(preparer, approver)


def test_a_signed_file_is_read_and_its_proof_is_kept(sent: Sent) -> None:
    content = sent.answer()
    signature = demo_bank_signature(content)

    stored = sent.read(content, signature=f"{signature}\n")

    assert states(sent.amina) == ["PAID"]
    assert (stored.signature, stored.signed_by) == (
        signature,
        signatures.thumbprint(demo_bank_jwk()),
    )
    assert signatures.is_signed_detached(bytes(stored.content), stored.signature, demo_bank_jwk())


def test_what_the_bank_did_not_sign_is_refused_before_it_is_read(sent: Sent, everything) -> None:
    content = sent.answer()
    right = demo_bank_signature(content)
    header, _nothing, rest = right.split(".")
    wrong = [
        "",
        "not a signature",
        "a.b.c.d",
        "é..é",
        demo_bank_signature(content + b" "),
        signatures.sign_detached(content, STRANGER),
        signatures.sign({"content": "x"}, STRANGER),
        f"{header}..{rest[:-4]}AAAA",
        f"{header}..{rest}{rest}",
        f"{header}.{rest}.{rest}",
        # The same key, asked for another algorithm, or none at all.
        f"eyJhbGciOiJub25lIn0..{rest}",
        f"eyJhbGciOiJIUzI1NiJ9..{rest}",
    ]

    for signature in wrong:
        error = refused(
            services.AnswerNotFromBank,
            lambda signature=signature: sent.read(content, signature=signature),
            everything,
        )
        assert (error.code, error.status) == ("ANSWER_NOT_FROM_BANK", 403)


def test_one_byte_changed_after_the_signature_is_refused(sent: Sent, everything) -> None:
    content = sent.answer(sent.said)
    signature = demo_bank_signature(content)
    forged = content.replace(b"RJCT", b"ACSC")

    refused(services.AnswerNotFromBank, lambda: sent.read(forged, signature=signature), everything)


def test_the_key_is_the_one_that_is_set(sent: Sent) -> None:
    content = sent.answer()
    with override_settings(BANK_PUBLIC_JWK=json.dumps(signatures.jwk_of(STRANGER.public_key()))):
        stored = sent.read(content, signature=signatures.sign_detached(content, STRANGER))

    assert stored.signed_by == signatures.thumbprint(signatures.jwk_of(STRANGER.public_key()))


def test_where_unsigned_files_are_allowed_a_wrong_signature_is_not(
    sent: Sent, everything, settings
) -> None:
    settings.BANK_ANSWERS_MAY_BE_UNSIGNED = True

    refused(services.AnswerNotFromBank, lambda: sent.read(sent.answer(), signature="x"), everything)
    assert sent.read(sent.answer()).signed_by == ""


@pytest.mark.parametrize(
    "jwk", ["", "{", "[]", "null", '{"kty": "EC", "crv": "P-256"}', '{"kty": "oct", "k": "AAAA"}']
)
def test_an_installation_without_the_bank_s_key_says_so(
    jwk: str, sent: Sent, everything, settings
) -> None:
    content = sent.answer()
    signature = demo_bank_signature(content)
    settings.BANK_PUBLIC_JWK, settings.DEMO_LOGINS = jwk, False

    error = refused(
        services.BankKeyMissing, lambda: sent.read(content, signature=signature), everything
    )
    assert error.status == 503


def test_the_bank_s_own_channel_needs_no_person_and_always_a_signature(
    sent: Sent, everything, settings
) -> None:
    settings.BANK_ANSWERS_MAY_BE_UNSIGNED = True
    sent.by = services.BANK_CHANNEL
    content = sent.answer()

    refused(services.AnswerNotFromBank, lambda: sent.read(content), everything)
    stored = sent.read(content, signature=demo_bank_signature(content))

    assert stored.received_by == "system:bank-channel"


def test_a_signature_does_not_make_a_payment_officer(sent: Sent, everything) -> None:
    content = sent.answer()
    sent.by = world.user(world.Role.AGENT)

    refused(
        services.NotAPaymentOfficer,
        lambda: sent.read(content, signature=demo_bank_signature(content)),
        everything,
    )


def test_no_other_system_actor_reads_an_answer(sent: Sent, everything) -> None:
    content = sent.answer()
    sent.by = "system:clock"

    refused(
        services.NotAPaymentOfficer,
        lambda: sent.read(content, signature=demo_bank_signature(content)),
        everything,
    )


def test_the_demonstration_signs_nowhere_else() -> None:
    with override_settings(DEMO_LOGINS=False):
        for call in (
            demo_bank_jwk,
            lambda: demo_bank_signature(b""),
            lambda: demo_bank_notification(b"", at=world.NOW),
        ):
            with pytest.raises(RuntimeError, match="does not exist"):
                call()


def drop(folder: Path, name: str, content: bytes, *, signed: bool = True) -> None:
    (folder / name).write_bytes(content)
    if signed:
        (folder / f"{name}.sig").write_text(demo_bank_signature(content))


def test_a_drop_folder_is_read_as_often_as_one_likes(
    sent: Sent, tmp_path: Path, capsys, everything
) -> None:
    drop(tmp_path, "1-reponse.xml", sent.answer(sent.said))
    drop(tmp_path, "2-avis.xml", sent.notice(executed=[sent.amina, sent.boxes]))
    (tmp_path / "lisez-moi.txt").write_text("rien")

    call_command("read_bank_answers", str(tmp_path))

    assert capsys.readouterr().out.splitlines() == [
        "1-reponse.xml: lu, 2 payés, 1 rejetés.",
        "2-avis.xml: lu, 0 payés, 0 rejetés.",
    ]
    assert states(sent.amina, sent.said, sent.boxes) == ["PAID", "PAYMENT_FAILED", "PAID"]
    before, names = everything(), sorted(tmp_path.iterdir())

    call_command("read_bank_answers", str(tmp_path))

    assert capsys.readouterr().out.splitlines() == [
        "1-reponse.xml: déjà lu.",
        "2-avis.xml: déjà lu.",
    ]
    assert everything() == before
    assert sorted(tmp_path.iterdir()) == names


def test_a_refused_file_does_not_stop_its_neighbours(sent: Sent, tmp_path: Path, capsys) -> None:
    drop(tmp_path, "1.xml", b"<html/>")
    drop(tmp_path, "2.xml", sent.answer(), signed=False)
    drop(tmp_path, "3.xml", b" " * 20_000_001)
    (tmp_path / "4.xml").mkdir()
    drop(tmp_path, "5.xml", sent.answer())

    with pytest.raises(CommandError, match="4 fichier"):
        call_command("read_bank_answers", str(tmp_path))

    said = [line.split(": ")[1] for line in capsys.readouterr().out.splitlines()]
    assert said[:3] == ["BANK_ANSWER_UNREADABLE", "ANSWER_NOT_FROM_BANK", "BANK_ANSWER_TOO_LARGE"]
    assert said[4] == "lu, 3 payés, 0 rejetés."
    assert BankAnswer.objects.count() == 1


def test_a_folder_that_is_none_is_said() -> None:
    with pytest.raises(CommandError, match="n’est pas un dossier"):
        call_command("read_bank_answers", "/nowhere/at/all")
