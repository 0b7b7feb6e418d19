"""`demo_code LOGIN`: the current second-factor code of a demonstration account."""

import time
from argparse import ArgumentParser
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.selectors import demo_factor_of


class Command(BaseCommand):
    help = "Affiche le code à six chiffres du moment pour un compte de démonstration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_LOGINS:
            raise CommandError("Demo logins are refused when DEBUG=0.")
        factor = demo_factor_of(options["login"])
        if factor is None:
            raise CommandError(
                f"No demonstration account {options['login']!r} with a second factor. "
                "`make demo` prints the logins."
            )
        counter = int(time.time()) // app_settings.TOTP_PERIOD
        self.stdout.write(format_hotp_value(hotp_value(decrypt(factor.data["secret"]), counter)))
