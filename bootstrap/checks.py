"""`make check`, `make fix`, `make lock`: what reads the code without running the product."""

import os
import shutil
import subprocess
import sys

from bootstrap.python_environment import ENVIRONMENT
from bootstrap.steps import CHECKOUT, StepError, say, step

PYTHON = sys.executable
LINT_IMPORTS = str(ENVIRONMENT / "bin" / "lint-imports")
DJLINT = [PYTHON, "-m", "djlint", "templates", "--quiet"]

CHECKS = {
    "Style (ruff check)": [PYTHON, "-m", "ruff", "check", "."],
    "Format (ruff format)": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "Imports between rooms (import-linter)": [LINT_IMPORTS],
    "Types (mypy)": [PYTHON, "-m", "mypy"],
    "Templates (djlint)": [*DJLINT, "--lint"],
    "Missing migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "Generated states": [PYTHON, "manage.py", "draw_states", "--check"],
    "Generated rules and law": [PYTHON, "manage.py", "draw_law", "--check"],
}

FIXES = {
    "Style": [PYTHON, "-m", "ruff", "check", "--fix", "."],
    "Format": [PYTHON, "-m", "ruff", "format", "."],
    "Generated states": [PYTHON, "manage.py", "draw_states"],
    "Generated rules and law": [PYTHON, "manage.py", "draw_law"],
}

LOCK = (
    *("pip", "compile", "pyproject.toml", "--group", "dev", "--generate-hashes", "--no-header"),
    # universal: every Python from 3.11 on, even where a package needs more on the older ones
    *("--universal", "--no-emit-index-url", "--output-file", "requirements.lock"),
)


def main(arguments: list[str]) -> int:
    """Run the command named first; return 0 when all is well."""
    match arguments[0]:
        case "check":
            return _run_all(CHECKS)
        case "fix":
            return _run_all(FIXES)
        case _:
            return _lock()


def _run_all(commands: dict[str, list[str]]) -> int:
    """Run every command, even after one failed: all that is wrong is seen at once."""
    failed = [label for label, command in commands.items() if not _passes(label, command)]
    if failed:
        say(f"\n{len(failed)} of {len(commands)} failed: {'; '.join(failed)}.")
        return 1
    say(f"\nAll {len(commands)} passed.")
    return 0


def _passes(label: str, command: list[str]) -> bool:
    try:
        with step(label):
            outcome = subprocess.run(
                command, cwd=CHECKOUT, capture_output=True, text=True, errors="replace", check=False
            )
            if outcome.returncode != 0:
                raise StepError(outcome.stdout + outcome.stderr)
    except StepError as error:
        say(f"{error}")
        return False
    return True


def _lock() -> int:
    uv = shutil.which("uv")
    if uv is None:
        print("make lock needs uv on the PATH (pip install uv).", file=sys.stderr)
        return 1
    return subprocess.run([uv, *LOCK], cwd=CHECKOUT, check=False).returncode


if __name__ == "__main__":
    os.environ.setdefault("DEBUG", "1")
    sys.exit(main(sys.argv[1:]))
