"""The browser of the journeys: found on the machine, or installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap.steps import StepError, run_logged, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# how the journeys start it: no sandbox because root has none, nothing that calls home
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def executable() -> str | None:
    """The path of a usable Chromium: the one named by CHROMIUM, the machine's, Playwright's own."""
    named = os.environ.get("CHROMIUM")
    candidates = [named] if named else [shutil.which(name) for name in NAMES]
    for candidate in candidates:
        if candidate and _starts(candidate):
            return candidate
    return None if named else _playwrights_own()


def ensure() -> str:
    """Return a usable Chromium, installing one if there is none.

    Raises:
        StepError: none could be installed; the message says how to get one.
    """
    with step("Chromium") as current:
        found = executable()
        if found is not None:
            current.skip(f"found, {found}")
            return found
        if os.environ.get("CHROMIUM"):
            raise StepError(
                f"CHROMIUM names {os.environ['CHROMIUM']}, which does not start. Unset it to have "
                "one found, or name another."
            )
        _install()
        found = executable()
        if found is None:
            raise StepError(
                "Chromium was installed but does not start. As root, `apt install chromium` brings "
                "what it needs; or set CHROMIUM to one that works."
            )
        current.note = found
        return found


def _install() -> None:
    if os.geteuid() == 0 and _is_debian():
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run_logged(["apt-get", "update", "-q"], environment=quiet)
        command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
        run_logged(command, environment=quiet)
        return
    run_logged([sys.executable, "-m", "playwright", "install", "chromium"])


def _is_debian() -> bool:
    """Debian itself: elsewhere the package of that name may be an empty one."""
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    return "ID=debian" in lines and shutil.which("apt-get") is not None


def _starts(candidate: str) -> bool:
    try:
        answer = subprocess.run(
            [candidate, "--version"], capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() and _starts(path) else None
