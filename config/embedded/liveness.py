"""Which processes are really alive, and how one is made to stop.

A pid file says little: its process may be dead, a zombie nobody collected (containers often have no
init), or another program that got the same number. What a process has as its working folder does
not lie: each server works in its own data folder.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
POLL_SECONDS = 0.02

# Servers this very process started: their exit status must be collected by us.
_children: dict[int, subprocess.Popen[bytes]] = {}


def adopt(child: subprocess.Popen[bytes]) -> int:
    """Remember a server started by this process and return its pid."""
    _children[child.pid] = child
    return child.pid


def is_alive(pid: int) -> bool:
    """Whether `pid` runs: neither gone nor a zombie."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        del _children[pid]
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(pid) not in ("Z", "X")


def works_in(pid: int, folder: Path) -> bool:
    """Whether `pid` is alive and has `folder` as its working folder (Linux; elsewhere: alive)."""
    if not is_alive(pid):
        return False
    if not PROC.is_dir():
        return True
    try:
        return (PROC / str(pid) / "cwd").readlink() == folder.resolve()
    except OSError:
        return False


def processes_working_in(folder: Path) -> list[int]:
    """Every live process whose working folder is `folder`; none where /proc is missing."""
    pids = (int(entry.name) for entry in PROC.glob("[0-9]*"))
    return [pid for pid in pids if pid != os.getpid() and works_in(pid, folder)]


def stop(pid: int, signals: Iterable[tuple[signal.Signals, float]]) -> bool:
    """Send each signal in turn, waiting its seconds; tell whether the process is gone."""
    for number, seconds in signals:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return True
        if wait_until_gone([pid], seconds):
            return True
    return False


def wait_until_gone(pids: Iterable[int], seconds: float) -> bool:
    """Wait at most `seconds` for all of `pids` to end."""
    deadline = time.monotonic() + seconds
    remaining = list(pids)
    while remaining := [pid for pid in remaining if is_alive(pid)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _state(pid: int) -> str:
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return "?" if not PROC.is_dir() else "X"
    # the command's name stands in brackets and may hold spaces and brackets itself
    return text.rpartition(")")[2].split()[0]
