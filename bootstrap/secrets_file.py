"""The secrets of one installation, drawn at random, readable by their owner alone."""

import contextlib
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable

from bootstrap.steps import VAR, step

FILE = VAR / "secrets.env"
HEADING = """\
# Drawn at set-up for this installation only. Keep it: without SECRET_KEY nobody stays signed in and
# links already sent stop working; without SEAL_KEY what this server sealed is another server's;
# without SEALING_KEYS what offline devices sealed for it stays closed. Values in the environment or in
# .env win over these.
"""
# Order of the curve P-256 (FIPS 186-5): a private key is a number below it.
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def _seal_key() -> str:
    number = 1 + secrets.randbelow(P256_ORDER - 1)
    return urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(64),
    "SEAL_KEY": _seal_key,
    "SEALING_KEYS": _seal_key,
}


def ensure() -> None:
    """Draw each secret once; what a file already says is never changed, what it lacks is added."""
    with step("Secrets of this installation") as current:
        with contextlib.suppress(FileExistsError):
            # made with its final permissions, and only if nobody was faster
            os.close(os.open(FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            FILE.write_text(HEADING)
        written = FILE.read_text()
        kept = {line.partition("=")[0] for line in written.splitlines()}
        lacking = [name for name in SECRETS if name not in kept and not os.environ.get(name)]
        if not lacking:
            current.skip("kept, in var/secrets.env")
            return
        with FILE.open("a") as output:
            if not written.endswith("\n"):
                output.write("\n")
            output.writelines(f"{name}={SECRETS[name]()}\n" for name in lacking)
        current.note = "in var/secrets.env"
