import sys

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# Gunicorn's own status for an application that cannot be loaded.
UNUSABLE = 4


class ClaimsConfig(AppConfig):
    name = "claims"
    verbose_name = _("feuilles de soins")

    def ready(self) -> None:
        """Read the law before anything is served: a law that cannot be used stops the start.

        Every program passes here (web server, worker, commands) and ends with one sentence that names
        the file and the key, and with the status that gunicorn does not answer by starting again.
        """
        from claims.adjudication.parameters import LawError
        from claims.selectors import law

        try:
            law()
        except LawError as error:
            sys.stderr.write(f"The law cannot be used, nothing was started. {error}\n")
            sys.exit(UNUSABLE)
