"""Proofs of presence: a card shown, a code sent to a phone, the portal's QR, a pharmacist's word.

What a proof is worth is not said here: the guarantee table of the law says it by level.
"""

import secrets
from base64 import b32decode, b32encode
from binascii import Error as NotBase32
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import audit, locks
from core.errors import DomainError
from core.sealed_fields import masked
from insured import selectors
from insured.gateways import text_messages
from insured.models import Insured, PresenceCode, PresenceProof, ProofLevel

CODE_DIGITS = 6
PORTAL_PREFIX = "WARAQAP:"
_SALT = "insured.presence"
_KEY_BYTES, _TIME_BYTES, _SEAL_BYTES = 16, 4, 10


class NoPhone(DomainError):
    """A code needs a telephone."""

    code = "NO_PHONE"
    status = 422
    message = _(
        "Aucun téléphone n’est connu pour cet assuré. Scannez sa carte ou son code QR ; rien n’a été "
        "envoyé."
    )


class CodesAskedTooOften(DomainError):
    """A telephone is not to be rung without end."""

    code = "CODES_ASKED_TOO_OFTEN"
    status = 429
    message = _(
        "%(limit)s codes ont déjà été envoyés à cet assuré en une heure. Prenez une autre preuve de "
        "présence ; rien n’a été envoyé."
    )


class NotReached(DomainError):
    """The operator of text messages does not answer."""

    code = "TEXT_MESSAGE_FAILED"
    message = _(
        "Le message n’a pas pu partir. Prenez une autre preuve de présence ; rien n’a été enregistré."
    )


class CardOfAnother(DomainError):
    """The card shown is not one of this household."""

    code = "CARD_OF_ANOTHER"
    status = 422
    message = _("Cette carte n’est pas celle de l’assuré de l’ordonnance. Rien n’a été enregistré.")


class PortalCodeRefused(DomainError):
    """A portal code is damaged, too old, somebody else's, or has served."""

    code = "PORTAL_CODE_REFUSED"
    status = 422
    message = _(
        "Ce code QR est illisible, périmé, déjà utilisé ou d’un autre assuré. Demandez-en un nouveau "
        "sur le téléphone ; rien n’a été enregistré."
    )


class AttestationWithoutReason(DomainError):
    """A word given is kept with its reason."""

    code = "ATTESTATION_WITHOUT_REASON"
    status = 422
    message = _("Dites pourquoi aucune autre preuve n’est possible. Rien n’a été enregistré.")


@dataclass(frozen=True, slots=True)
class SentCode:
    """A code on its way: the end of the phone's number, until when; `shown` in a demonstration only."""

    phone: str
    until: datetime
    shown: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The answer to a typed code: a proof, or how many tries are left."""

    proof: PresenceProof | None
    attempts_left: int


def send_code(*, insured: Insured, inpe: str, by: Any, at: datetime) -> SentCode:
    """Send a one-time code to the insured's phone; the code before it stops working.

    Raises NoPhone, CodesAskedTooOften, NotReached.
    """
    if not insured.phone:
        raise NoPhone
    rules = selectors.presence_rules("one_time_code", localdate(at))
    number = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
    until = at + timedelta(minutes=rules["minutes"])
    with transaction.atomic():
        locks.hold(insured.pk)
        lately = PresenceCode.objects.filter(insured=insured, asked_at__gt=at - timedelta(hours=1))
        if lately.count() >= rules["an_hour"]:
            raise CodesAskedTooOften(limit=rules["an_hour"])
        code = PresenceCode.objects.create(
            insured=insured,
            inpe=inpe,
            code_hash=_digest(number, inpe),
            asked_at=at,
            until=until,
            attempts_left=rules["attempts"],
        )
        _record("insured.presence.code_sent", code, insured, by, at, inpe=inpe)
        shown = _carried(insured.phone, number)
    return SentCode(masked(insured.phone), until, shown)


def _carried(phone: str, number: str) -> str:
    text = gettext("Waraqa : votre code est %(number)s. Ne le donnez qu’à votre pharmacien.")
    try:
        return text_messages().send(phone=phone, text=text % {"number": number})
    except OSError as error:
        raise NotReached from error


def check_code(*, insured: Insured, inpe: str, number: str, by: Any, at: datetime) -> Checked:
    """Check a typed code against the last one sent for this provider.

    A wrong code is an answer, not a refusal: its try must stay counted.
    """
    with transaction.atomic():
        locks.hold(insured.pk)
        code = (
            PresenceCode.objects.filter(
                insured=insured, inpe=inpe, until__gt=at, used_at=None, attempts_left__gt=0
            )
            .order_by("-asked_at")
            .first()
        )
        if code is None:
            return Checked(None, 0)
        if not constant_time_compare(code.code_hash, _digest(number, inpe)):
            code.attempts_left -= 1
            code.save(update_fields=["attempts_left"])
            return Checked(None, code.attempts_left)
        code.used_at = at
        code.save(update_fields=["used_at"])
        proof = _proved(insured, inpe, ProofLevel.ONE_TIME_CODE, by=by, at=at)
    return Checked(proof, code.attempts_left)


def show_card(
    *,
    insured: Insured,
    inpe: str,
    card: str,
    by: Any,
    at: datetime,
    shown_at: datetime | None = None,
) -> PresenceProof:
    """Prove presence by the number of a card: the immatriculation or a CIN of the household.

    `shown_at`: when, if it was not now. Raises CardOfAnother.
    """
    number = card.upper().replace(" ", "")
    if not selectors.is_card_of(insured, number):
        raise CardOfAnother(pointer="/evidence")
    return _proved(insured, inpe, ProofLevel.CARD, by=by, at=at, made_at=shown_at)


def attest_presence(
    *,
    insured: Insured,
    inpe: str,
    reason: str,
    by: Any,
    at: datetime,
    shown_at: datetime | None = None,
) -> PresenceProof:
    """Prove presence by the word of who serves, with the reason; `shown_at`: when, if it was not now.

    Raises AttestationWithoutReason.
    """
    said = reason.strip()
    if not said:
        raise AttestationWithoutReason(pointer="/reason")
    level = ProofLevel.ATTESTATION
    return _proved(insured, inpe, level, reason=said, by=by, at=at, made_at=shown_at)


def issue_portal_code(*, insured: Insured, at: datetime) -> tuple[str, datetime]:
    """Return the text of a short-lived QR for the insured's phone, and when it ends; nothing is stored."""
    minutes = selectors.presence_rules("portal_code", localdate(at))["minutes"]
    until = (at + timedelta(minutes=minutes)).astimezone(UTC).replace(microsecond=0)
    content = insured.pk.bytes + int(until.timestamp()).to_bytes(_TIME_BYTES, "big")
    return PORTAL_PREFIX + b32encode(content + _seal(content)).decode().rstrip("="), until


def check_portal_code(
    *,
    insured: Insured,
    inpe: str,
    text: str,
    by: Any,
    at: datetime,
    shown_at: datetime | None = None,
) -> PresenceProof:
    """Prove presence by the portal's QR; one QR proves one presence. `shown_at`: when, if it was not now.

    Raises PortalCodeRefused.
    """
    content = _opened(text)
    if content is None or UUID(bytes=content[:_KEY_BYTES]) != insured.pk:
        raise PortalCodeRefused(pointer="/evidence")
    if int.from_bytes(content[_KEY_BYTES:], "big") <= (shown_at or at).timestamp():
        raise PortalCodeRefused(pointer="/evidence")
    evidence = sha256(content).hexdigest()
    try:
        level = ProofLevel.PORTAL_QR
        return _proved(insured, inpe, level, evidence=evidence, by=by, at=at, made_at=shown_at)
    except IntegrityError:
        raise PortalCodeRefused(pointer="/evidence") from None


def _opened(text: str) -> bytes | None:
    """The content of a portal code whose seal is ours, or None."""
    body = text.strip().upper().removeprefix(PORTAL_PREFIX)
    try:
        raw = b32decode(body + "=" * (-len(body) % 8))
    except (NotBase32, ValueError):
        return None
    content, seal = raw[:-_SEAL_BYTES], raw[-_SEAL_BYTES:]
    if len(content) != _KEY_BYTES + _TIME_BYTES or not constant_time_compare(seal, _seal(content)):
        return None
    return content


def _seal(content: bytes) -> bytes:
    return salted_hmac(_SALT, content, algorithm="sha256").digest()[:_SEAL_BYTES]


def _digest(number: str, inpe: str) -> str:
    # Keyed: a million codes are soon tried against a bare digest.
    return salted_hmac(_SALT, f"{inpe}:{number.strip()}", algorithm="sha256").hexdigest()


def _proved(
    insured: Insured,
    inpe: str,
    level: ProofLevel,
    *,
    by: Any,
    at: datetime,
    reason: str = "",
    evidence: str = "",
    made_at: datetime | None = None,
) -> PresenceProof:
    shown_at = made_at or at
    minutes = selectors.presence_rules("proof", localdate(shown_at))["minutes"]
    with transaction.atomic():
        proof = PresenceProof.objects.create(
            insured=insured,
            inpe=inpe,
            level=level,
            reason=reason,
            evidence=evidence,
            made_by=by,
            made_at=shown_at,
            until=shown_at + timedelta(minutes=minutes),
        )
        _record("insured.presence.proved", proof, insured, by, at, inpe=inpe, level=str(level))
    return proof


def _record(
    action: str, subject: Any, insured: Insured, by: Any, at: datetime, **after: Any
) -> None:
    audit.record(by=by, at=at, action=action, subject=subject, insured_id=insured.pk, after=after)
