"""The floor: numbers, signatures, idempotency, append-only tables, months."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import IntegrityError, InternalError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from core import audit, idempotency, numbers, partitions, signatures
from core.idempotency import IdempotencyKeyReused
from core.models import AuditEvent, IdempotentCall
from tests import world

characters = st.sampled_from(numbers.ALPHABET)


class TestNumbers:
    @given(st.text(characters, min_size=11, max_size=11), st.integers(0, 11), characters)
    def test_one_wrong_character_is_always_caught(self, body: str, place: int, other: str) -> None:
        number = body + numbers.check_character(body)
        wrong = number[:place] + other + number[place + 1 :]

        assert numbers.is_fse_number(number)
        assert numbers.is_fse_number(wrong) is (wrong == number)

    def test_known_numbers(self) -> None:
        """Vectors for another implementation (the browser's is tested on them too)."""
        known = {"7K2QF00C3X9": "7K2QF00C3X98", "00000000000": "000000000002"}

        assert {body: body + numbers.check_character(body) for body in known} == known

    @pytest.mark.parametrize("typed", ["7k2q f00c 3x9{c}", "7K2Q-FOOC-3X9{c}", " 7K2QF00C3X9{c} "])
    def test_what_is_typed_is_understood(self, typed: str) -> None:
        check = numbers.check_character("7K2QF00C3X9")

        assert numbers.normalise_number(typed.format(c=check)) == f"7K2QF00C3X9{check}"

    def test_a_minted_number_bears_its_prefix_and_never_repeats_here(self) -> None:
        minted = {numbers.mint_fse_number("7K2QF") for _ in range(500)}

        assert len(minted) == 500
        assert all(each.startswith("7K2QF") and numbers.is_fse_number(each) for each in minted)

    @pytest.mark.parametrize(
        ("rib", "right"),
        [
            (world.rib(1), True),
            (world.rib(1)[:-1] + str((int(world.rib(1)[-1]) + 1) % 10), False),
            (world.rib(1)[:-1], False),
            ("٠" * 24, False),
            ("", False),
        ],
    )
    def test_a_rib_has_24_digits_and_a_key(self, rib: str, right: bool) -> None:
        assert numbers.is_rib(rib) is right


class TestSignatures:
    KEY = ec.generate_private_key(ec.SECP256R1())
    JWK = signatures.jwk_of(KEY.public_key())

    def test_a_signature_belongs_to_one_document_and_one_key(self) -> None:
        document = {"b": "é", "a": [1, None, True]}
        signature = signatures.sign(document, self.KEY)
        other = signatures.jwk_of(ec.generate_private_key(ec.SECP256R1()).public_key())

        assert signatures.is_signed(document, signature, self.JWK)
        assert signatures.is_signed({"a": [1, None, True], "b": "é"}, signature, self.JWK)
        assert not signatures.is_signed({"b": "e", "a": [1, None, True]}, signature, self.JWK)
        assert not signatures.is_signed(document, signature, other)

    @pytest.mark.parametrize("signature", ["", "abc", "!!", "A" * 86, "A" * 200])
    def test_what_is_no_signature_is_refused_not_raised(self, signature: str) -> None:
        assert signatures.is_signed({}, signature, self.JWK) is False

    def test_canonical_bytes(self) -> None:
        assert signatures.canonical({"ب": 1, "a": "é\n"}) == '{"a":"é\\n","ب":1}'.encode()

    def test_the_thumbprint_of_rfc_7638_ignores_what_is_optional(self) -> None:
        assert signatures.thumbprint(self.JWK) == signatures.thumbprint({**self.JWK, "use": "sig"})

    @pytest.mark.parametrize(
        "change", [{"kty": "RSA"}, {"crv": "P-384"}, {"x": "AAAA"}, {"x": "A" * 43, "y": "A" * 43}]
    )
    def test_a_key_that_is_no_point_is_refused(self, change: dict) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 (cryptography's own words)
            signatures.public_key({**self.JWK, **change})


@pytest.mark.django_db
class TestIdempotency:
    def call(self, content: dict, answer: dict) -> tuple:
        return idempotency.once(
            caller="c", key="k", content=content, at=world.NOW, call=lambda: (201, answer)
        )

    def test_same_key_same_content_same_answer(self) -> None:
        assert self.call({"a": 1}, {"n": 1}) == (201, {"n": 1}, False)
        assert self.call({"a": 1}, {"n": 2}) == (201, {"n": 1}, True)

    def test_same_key_other_content_is_refused(self) -> None:
        self.call({"a": 1}, {"n": 1})

        with pytest.raises(IdempotencyKeyReused):
            self.call({"a": 2}, {"n": 2})
        assert IdempotentCall.objects.get().answer == {"n": 1}

    def test_a_refusal_leaves_the_key_free(self) -> None:
        def refuse() -> tuple:
            raise IdempotencyKeyReused

        with pytest.raises(IdempotencyKeyReused):
            idempotency.once(caller="c", key="k", content={}, at=world.NOW, call=refuse)
        assert self.call({"a": 1}, {"n": 1}) == (201, {"n": 1}, False)


@pytest.mark.django_db(transaction=True)
def test_twins_at_the_same_moment_do_the_work_once() -> None:
    together, done = Barrier(2), []

    def send(n: int) -> tuple:
        together.wait()
        try:
            return idempotency.once(
                caller="c",
                key="k",
                content={"a": 1},
                at=world.NOW,
                call=lambda: (done.append(n), (201, {"n": n}))[1],
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(send, range(2)))

    assert len(done) == 1
    assert sorted(answer[2] for answer in answers) == [False, True]
    assert answers[0][1] == answers[1][1]


@pytest.mark.django_db
class TestAppendOnly:
    @pytest.fixture(autouse=True)
    def event(self) -> None:
        audit.record(by="system:test", at=world.NOW, action="x", subject=world.user())

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE core_auditevent SET actor = 'nobody'",
            "DELETE FROM core_auditevent",
            "TRUNCATE core_auditevent",
            "TRUNCATE core_auditevent_202611",
        ],
    )
    def test_the_database_refuses_to_forget(self, statement: str) -> None:
        with (
            pytest.raises((IntegrityError, InternalError), match="append only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        assert AuditEvent.objects.get().actor == "system:test"


@pytest.mark.django_db
class TestMonths:
    def partition_of(self, day: datetime) -> str:
        AuditEvent.objects.create(
            at=day, actor="system:test", action="x", subject_type="x", subject_id="x"
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tableoid::regclass::text FROM core_auditevent WHERE at = %s", [day]
            )
            return cursor.fetchone()[0]

    def test_a_row_goes_to_its_month(self) -> None:
        assert self.partition_of(world.NOW) == "core_auditevent_202611"

    def test_months_are_made_ahead_and_again_without_harm(self) -> None:
        for _again in range(2):
            partitions.create_months(today=date(2029, 11, 30), ahead=3)

        assert self.partition_of(datetime(2030, 2, 28, tzinfo=UTC)) == "core_auditevent_203002"
        assert self.partition_of(datetime(2030, 3, 1, tzinfo=UTC)) == "core_auditevent_default"
