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
    """The file is neither a pain.002 nor a camt.054, or says what none of them says."""

    code = "BANK_ANSWER_UNREADABLE"
    status = 422
    message = _(
        "Ce fichier n’est pas une réponse de banque lisible, pain.002 ou camt.054 (%(why)s). "
        "Rien n’a été modifié ; demandez à la banque de l’émettre à nouveau."
    )


class BankTotalsDiffer(DomainError):
    """A notification's own totals are not the sums of its lines."""

    code = "BANK_TOTALS_DIFFER"
    status = 422
    message = _(
        "La banque annonce %(said)s pour %(what)s, ses lignes donnent %(found)s : le fichier est "
        "incomplet ou faux. Rien n’a été modifié ; demandez-le à nouveau à la banque."
    )
