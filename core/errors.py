"""The one base of anticipated refusals and their wording in both languages."""

from typing import Any, ClassVar

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LANGUAGES = ("fr", "ar")


class DomainError(Exception):
    """A refusal that was foreseen: nothing was written, and here is what to do.

    Subclasses stand beside the service that raises them and give `code` (part of the API contract),
    `message` (a lazy French sentence, `%(name)s` filled from the context) and the HTTP `status`.
    """

    code: ClassVar[str] = "REFUSED"
    message: ClassVar[str | Promise] = ""
    status: ClassVar[int] = 409

    def __init__(self, *, pointer: str | None = None, **context: Any) -> None:
        super().__init__(self.code)
        self.pointer = pointer
        self.context = context

    def text(self, language: str | None = None) -> str:
        """Return the sentence in `language` (`fr`, `ar`), or in the active one."""
        with translation.override(language or translation.get_language()):
            return str(self.message) % self.context

    def __str__(self) -> str:
        return f"{self.code}: {self.text()}"


class EntriesRefused(DomainError):
    """Several refusals of one document, each with its pointer: all errors at once."""

    code = "ENTRIES_REFUSED"
    status = 422
    message = _("Le document n’a pas été enregistré : %(count)s point(s) à corriger.")

    def __init__(self, errors: list[DomainError]) -> None:
        super().__init__(count=len(errors))
        self.errors = errors


def refuse_all(errors: list[DomainError]) -> None:
    """Raise EntriesRefused unless the list is empty."""
    if errors:
        raise EntriesRefused(errors)
