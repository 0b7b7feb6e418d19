"""`python3 -m bootstrap COMMAND`: what the Makefile calls.

This file is read by whatever Python the machine offers first: it must stay readable by an old one,
so that the refusal is a sentence and not a syntax error.
"""

# ruff: noqa: UP031, RUF005 - an old Python reads this file too

import os
import sys

OLDEST = (3, 11)
OTHER_NAMES = ("python3.14", "python3.13", "python3.12", "python3.11")


def main():
    if sys.version_info < OLDEST:
        _continue_with_a_newer_python()
    from bootstrap.setup import run_command

    sys.exit(run_command(sys.argv[1:]))


def _continue_with_a_newer_python():
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        for name in OTHER_NAMES:
            candidate = os.path.join(folder, name)
            if os.access(candidate, os.X_OK):
                os.execv(candidate, [candidate, "-m", "bootstrap"] + sys.argv[1:])
    sys.exit(
        "Waraqa needs Python %d.%d or newer; %s is Python %d.%d. Install a newer one (on Debian 12 "
        "or newer: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3 ..."
        % (OLDEST + (sys.executable,) + tuple(sys.version_info[:2]))
    )


if __name__ == "__main__":
    main()
