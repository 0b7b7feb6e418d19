"""The secrets of one installation, drawn at random, readable by their owner alone."""

import contextlib
import os
import secrets

from bootstrap.steps import VAR, step

FILE = VAR / "secrets.env"
HEADING = """\
# Drawn at set-up for this installation only. Keep it: without SECRET_KEY nobody stays signed in and
# links already sent stop working. Values in the environment or in .env win over these.
"""


def ensure() -> None:
    """Draw the secrets once; an existing file is never touched."""
    with step("Secrets of this installation") as current:
        if FILE.exists():
            current.skip("kept, in var/secrets.env")
            return
        if os.environ.get("SECRET_KEY"):
            current.skip("given by the environment")
            return
        # made with its final permissions, and only if nobody was faster
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as output:
                output.write(f"{HEADING}SECRET_KEY={secrets.token_urlsafe(64)}\n")
            current.note = "in var/secrets.env"
