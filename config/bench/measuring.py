"""What a machine did between two moments: seconds, CPU of chosen processes, load of everybody else."""

import os
import resource
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")
# A round is put aside when everybody else took more than this share of the machine.
FOREIGN_SHARE = 0.15


def _stat(pid: int | str) -> list[str]:
    """The fields of a process from its state on, as the system numbers them; empty when it is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_seconds(pid: int) -> float:
    """User and system time a process has used so far; 0 where the system does not say."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICK if fields else 0.0


def parent_of(pid: int) -> int:
    """The process that started this one; 0 where the system does not say."""
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def children_of(parents: Iterable[int]) -> set[int]:
    """Living processes started by these."""
    wanted = set(parents)
    found = (int(each.name) for each in _PROC.glob("[0-9]*")) if _PROC.is_dir() else iter(())
    return {pid for pid in found if parent_of(pid) in wanted}


def machine_seconds() -> float:
    """CPU time that every process together has used so far; 0 where the system does not say."""
    try:
        first = (_PROC / "stat").read_text().partition("\n")[0].split()[1:]
    except OSError:
        return 0.0
    user, nice, system, _idle, _wait, irq, soft_irq = (int(each) for each in first[:7])
    return (user + nice + system + irq + soft_irq) / _TICK


def peak_mb() -> float:
    """The most memory this process has held since it began, in MB.

    Linux hands getrusage's peak down from the process that started this one: its own is in `status`.
    """
    try:
        status = (_PROC / "self" / "status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024)
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


@dataclass(frozen=True, slots=True)
class Watch:
    """A moment: the clock, and what processes and the machine had used until then.

    `pids` are the processes whose work is measured; the children of `families` (a database server, a web
    server) work for it too, and are nobody's foreign load.
    """

    at: float
    measured: float
    ours: float
    machine: float
    pids: tuple[int, ...]
    families: tuple[int, ...]

    @classmethod
    def start(cls, pids: Iterable[int], families: Iterable[int] = ()) -> "Watch":
        known, parents = tuple(pids), tuple(families)
        measured, ours = _used(known, parents)
        return cls(time.perf_counter(), measured, ours, machine_seconds(), known, parents)

    def stop(self) -> "Effort":
        seconds = time.perf_counter() - self.at
        measured, ours = _used(self.pids, self.families)
        others = machine_seconds() - self.machine - (ours - self.ours)
        cores = os.cpu_count() or 1
        return Effort(seconds, measured - self.measured, max(0.0, others) / (seconds * cores))


def _used(pids: tuple[int, ...], families: tuple[int, ...]) -> tuple[float, float]:
    """CPU seconds of these processes, and of these and the families together."""
    measured = sum(map(cpu_seconds, pids))
    return measured, measured + sum(map(cpu_seconds, children_of(families) - set(pids)))


@dataclass(frozen=True, slots=True)
class Effort:
    """Seconds by the clock, CPU seconds of the watched processes, share of the machine others took."""

    seconds: float
    cpu: float
    foreign: float


def middle(values: Iterable[float]) -> float:
    """The median; of nothing, zero."""
    known = list(values)
    return median(known) if known else 0.0


def percentile(values: Iterable[float], share: float) -> float:
    """The value that so large a share does not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
