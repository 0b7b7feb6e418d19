"""The virtual environment `.venv`, exactly as requirements.lock has it."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap.steps import CHECKOUT, VAR, StepError, run_logged, step

ENVIRONMENT = CHECKOUT / ".venv"
LOCK = CHECKOUT / "requirements.lock"
STAMP = ENVIRONMENT / "waraqa.stamp"


def python() -> Path:
    """The interpreter of the environment."""
    return ENVIRONMENT / "bin" / "python"


def ensure() -> None:
    """Create the environment and install the lock into it, unless both are as they should be.

    Raises:
        StepError: no environment can be created, or a package cannot be installed.
    """
    label = f"Python {sys.version_info.major}.{sys.version_info.minor} and its packages"
    with step(label) as current:
        wanted = _fingerprint()
        if _read(STAMP) == wanted and _works():
            current.skip("unchanged")
            return
        uv = shutil.which("uv")
        _create(with_pip=uv is None)
        current.note = _install(uv)
        STAMP.write_text(wanted)


def _fingerprint() -> str:
    """Changes with the lock, with Python, and with the folder: an environment cannot be moved."""
    parts = (LOCK.read_bytes(), repr(sys.version_info[:2]).encode(), os.fsencode(CHECKOUT))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _works() -> bool:
    return python().exists() and subprocess.run([python(), "-c", ""], check=False).returncode == 0


def _create(*, with_pip: bool) -> None:
    if _works() and not _was_moved() and (not with_pip or _has_pip()):
        return
    options = ["--clear"] if with_pip else ["--clear", "--without-pip"]
    if with_pip and not _has_ensurepip():
        _install_debian_venv()
    run_logged([sys.executable, "-m", "venv", *options, str(ENVIRONMENT)])


def _was_moved() -> bool:
    """Whether the environment was made elsewhere: its programs would run the other one."""
    made_by = _read(ENVIRONMENT / "pyvenv.cfg")
    same_version = f"{sys.version_info.major}.{sys.version_info.minor}." in made_by
    return str(ENVIRONMENT) not in made_by or not same_version


def _has_pip() -> bool:
    command = [python(), "-c", "import pip"]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _has_ensurepip() -> bool:
    command = [sys.executable, "-c", "import ensurepip, venv"]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _install_debian_venv() -> None:
    """Debian keeps this part of Python in a package of its own."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run_logged(["apt-get", "update", "-q"], environment=quiet)
        run_logged(["apt-get", "install", "-q", "-y", package], environment=quiet)
        return
    raise StepError(
        "This Python cannot create virtual environments. On Debian or Ubuntu install its package "
        f"(as root: apt install {package}), or put `uv` on the PATH, and run the command again."
    )


def _install(uv: str | None) -> str:
    """Install the lock; return the name of the tool that did it."""
    if uv is not None:
        try:
            run_logged(
                [uv, "pip", "sync", "--require-hashes", "--python", str(python()), str(LOCK)]
            )
        except StepError:
            # uv does not read pip's configuration: behind a company's mirror only pip gets through
            if not _has_pip():
                run_logged([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
        else:
            return "with uv"
    run_logged(
        [
            str(python()),
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--progress-bar", "off", "--require-hashes", "-r", str(LOCK)),
        ],
        environment=_writable_cache(),
    )
    return ""


def _writable_cache() -> dict[str, str]:
    """An account without a home still gets a cache, inside the checkout."""
    if os.access(Path.home(), os.W_OK):
        return {}
    return {"PIP_CACHE_DIR": str(VAR / "cache" / "pip")}
