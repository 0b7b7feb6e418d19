"""The bank's channel: a file counts when its bytes are proved to be the bank's."""

import json

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import signatures
from core.audit import Actor
from core.errors import DomainError
from payments.gateways.demo_bank import demo_bank_jwk
from payments.permissions import check_can_pay

# Files dropped by the bank itself, read by a command: no person answers for them, the key does.
BANK_CHANNEL = "system:bank-channel"


class AnswerNotFromBank(DomainError):
    """The file's signature is missing, or is not the bank's over these very bytes."""

    code = "ANSWER_NOT_FROM_BANK"
    status = 403
    message = _(
        "Rien ne prouve que ce fichier vient de la banque : sa signature (fichier .sig) manque ou "
        "n’est pas la sienne. Rien n’a été lu ; reprenez les deux fichiers tels que la banque les a "
        "déposés."
    )


class BankKeyMissing(DomainError):
    """The bank's public key is not set, or is no P-256 key."""

    code = "BANK_KEY_MISSING"
    status = 503
    message = _(
        "La clé publique de la banque (BANK_PUBLIC_JWK) n’est pas réglée ou n’est pas une clé P-256. "
        "Rien n’a été lu ; un administrateur doit la régler."
    )


def check_channel(content: bytes, signature: str, *, by: Actor) -> str:
    """Return the name of the bank's key that signed `content`, or nothing where none is asked for.

    A person may hand in an unsigned file only where BANK_ANSWERS_MAY_BE_UNSIGNED says so; the bank's
    own channel never. Raises NotAPaymentOfficer, AnswerNotFromBank, BankKeyMissing.
    """
    if by != BANK_CHANNEL:
        check_can_pay(by)
        if not signature and settings.BANK_ANSWERS_MAY_BE_UNSIGNED:
            return ""
    jwk = _bank_jwk()
    if not signatures.is_signed_detached(content, signature, jwk):
        raise AnswerNotFromBank
    return signatures.thumbprint(jwk)


def _bank_jwk() -> dict[str, str]:
    """The bank's public key; the demonstration has a bank of its own."""
    if not settings.BANK_PUBLIC_JWK and settings.DEMO_LOGINS:
        return demo_bank_jwk()
    try:
        jwk = json.loads(settings.BANK_PUBLIC_JWK)
        signatures.public_key(jwk)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BankKeyMissing from error
    return {name: jwk[name] for name in ("kty", "crv", "x", "y")}
