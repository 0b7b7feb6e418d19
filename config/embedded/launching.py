"""Starts a server's program as the account that owns its data."""

import os
import subprocess
from pathlib import Path

from config.embedded import folders, liveness
from config.embedded.addresses import Place


def start_server(place: Place, command: list[str], *, folder: Path, log: str) -> int:
    """Start `command` in `folder`, in a session of its own, and return its pid.

    Its own session: Ctrl-C in the terminal reaches the supervisor alone, which then stops things
    in order. No parent-death signal either: a server may outlive the command that started it,
    because other commands of the same checkout use it, and the next start finds it again.
    """
    descriptor = folders.open_log(place, log)
    try:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=descriptor,
            cwd=folder,
            env=_environment(),
            start_new_session=True,
            umask=0o077,
            user=_number(place.account.uid),
            group=_number(place.account.gid),
            extra_groups=_no_groups(),
        )
    finally:
        os.close(descriptor)
    return liveness.adopt(child)


def run(place: Place, command: list[str], *, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `command` to its end as the servers' account, its output captured."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd=folder,
        env=_environment(),
        user=_number(place.account.uid),
        group=_number(place.account.gid),
        extra_groups=_no_groups(),
    )


def _number(identity: int) -> int | None:
    """Only root may become somebody else."""
    return identity if os.geteuid() == 0 else None


def _no_groups() -> list[int] | None:
    return [] if os.geteuid() == 0 else None


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }
