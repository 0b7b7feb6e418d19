"""What a machine did between two moments: seconds, CPU of chosen processes, load of everybody else."""

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_TICK = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def cpu_seconds(pid: int) -> float:
    """User and system time a process has used so far; 0 where the system does not say."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text()
    except OSError:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def machine_seconds() -> float:
    """CPU time that every process together has used so far; 0 where the system does not say."""
    try:
        first = (_PROC / "stat").read_text().partition("\n")[0].split()[1:]
    except OSError:
        return 0.0
    user, nice, system, _idle, _wait, irq, soft_irq = (int(each) for each in first[:7])
    return (user + nice + system + irq + soft_irq) / _TICK


@dataclass(frozen=True, slots=True)
class Watch:
    """A moment: the clock, and what processes and the machine had used until then."""

    at: float
    processes: float
    machine: float
    pids: tuple[int, ...]

    @classmethod
    def start(cls, pids: Iterable[int]) -> "Watch":
        known = tuple(pids)
        used = sum(map(cpu_seconds, known))
        return cls(time.perf_counter(), used, machine_seconds(), known)

    def stop(self) -> "Effort":
        seconds = time.perf_counter() - self.at
        cpu = sum(map(cpu_seconds, self.pids)) - self.processes
        machine = machine_seconds() - self.machine
        cores = os.cpu_count() or 1
        return Effort(seconds, cpu, max(0.0, machine - cpu) / (seconds * cores))


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
