"""Refusals of files."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class BankFileInvalid(DomainError):
    """The transfer file would not be valid under the ISO 20022 schema; it is not sent."""

    code = "BANK_FILE_INVALID"
    status = 500
    message = _(
        "Le fichier de virements serait refusé par la banque (%(where)s). Rien n’a été envoyé."
    )


class BankAnswerTooLarge(DomainError):
    """The file is larger than any answer of a bank."""

    code = "BANK_ANSWER_TOO_LARGE"
    status = 413
    message = _(
        "Ce fichier dépasse %(megabytes)s Mo : ce n’est pas une réponse de banque. Rien n’a été lu."
    )


class BankAnswerUnreadable(DomainError):
    """The file is not a pain.002 answer, or says what no such answer says."""

    code = "BANK_ANSWER_UNREADABLE"
    status = 422
    message = _(
        "Ce fichier n’est pas une réponse pain.002.001.10 lisible (%(why)s). Rien n’a été modifié."
    )
