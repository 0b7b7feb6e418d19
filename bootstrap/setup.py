"""`make setup`, which every other command calls first; then the command itself, inside `.venv`."""

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator

from bootstrap import browser_packages, python_environment, secrets_file, stylesheet
from bootstrap.steps import CHECKOUT, VAR, StepError, run_logged, say, step

# what runs inside the environment once it is there
MODULES = {
    "run": "bootstrap.site",
    "demo": "bootstrap.site",
    "screens": "bootstrap.site",
    "test": "bootstrap.testing",
    "drill": "config.drill",
    "drill-offline": "bootstrap.browser_drill",
    "check": "bootstrap.checks",
    "fix": "bootstrap.checks",
    "lock": "bootstrap.checks",
}


def run_command(arguments: list[str]) -> int:
    """Set up, then become the command named first in `arguments`; return an exit status."""
    name = arguments[0] if arguments else "setup"
    if name != "setup" and name not in MODULES:
        known = ", ".join(["setup", *MODULES])
        print(f"Unknown command {name!r}; known: {known}.", file=sys.stderr)
        return 2
    try:
        set_up()
    except StepError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; run the same command again to go on.", file=sys.stderr)
        return 130
    if name == "setup":
        return 0
    python = str(python_environment.python())
    os.chdir(CHECKOUT)
    os.execv(python, [python, "-m", MODULES[name], *arguments])
    return 1


def set_up() -> None:
    """Make everything a fresh checkout lacks; what is already there is skipped.

    Raises:
        StepError: a step failed, with a sentence that says what to do.
    """
    begun = time.monotonic()
    _make_folders()
    say("Setting up Waraqa")
    with _alone():
        python_environment.ensure()
        browser_packages.ensure()
        stylesheet.build()
        with step("Translations"):
            run_logged([str(python_environment.python()), "-m", "bootstrap.catalogues"])
        secrets_file.ensure()
    say(f"Ready in {time.monotonic() - begun:.1f} s")


def _make_folders() -> None:
    try:
        for folder in (VAR, VAR / "log", VAR / "run"):
            folder.mkdir(exist_ok=True)
    except PermissionError as error:
        raise StepError(
            f"{error.filename} cannot be created: this checkout belongs to another user. Run as "
            "its owner, or clone the project into a folder of your own."
        ) from None


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One set-up at a time in a checkout; a second one waits, then finds everything done."""
    try:
        lock = (VAR / "run" / "setup.lock").open("a")
    except PermissionError as error:
        raise StepError(
            f"{error.filename} belongs to another user, who set this checkout up. Run as that "
            "user, or clone the project into a folder of your own."
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Another set-up of this checkout is under way: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
