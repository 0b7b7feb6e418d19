"""A refusal that the desks of cases and of rules share."""

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ReasonMissing(DomainError):
    """A deed of the desk without its reason, or a note without its text."""

    code = "REASON_MISSING"
    status = 422
    message = _("Écrivez votre motif : il est gardé pour qui relira. Rien n’a été enregistré.")
