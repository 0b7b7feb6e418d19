"""One line a step: a tick, what was done, the seconds it took."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
VAR = CHECKOUT / "var"
LABEL_WIDTH = 46
TAIL_LINES = 15


class StepError(RuntimeError):
    """A step failed; the message is a sentence that says what to do."""


class Step:
    """A step under way; `note` is printed after its seconds, `skip` instead of them."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.note = ""
        self.skipped = ""

    def skip(self, why: str) -> None:
        """Say that there was nothing to do, and why."""
        self.skipped = why


@contextlib.contextmanager
def step(label: str) -> Iterator[Step]:
    """Print `label` with a tick when the block ends, with a cross when it raises."""
    current = Step(label)
    begun = time.monotonic()
    if sys.stdout.isatty():
        print(f"  … {label}", end="\r", flush=True)
    try:
        yield current
    except BaseException:
        say(f"  {_mark('✗', 'x')} {label}")
        raise
    if current.skipped:
        say(f"  {_mark('·', '-')} {label:<{LABEL_WIDTH}} {current.skipped}")
    else:
        seconds = f"{time.monotonic() - begun:6.1f} s"
        say(f"  {_mark('✓', 'v')} {label:<{LABEL_WIDTH}} {seconds}  {current.note}".rstrip())


def say(text: str) -> None:
    """Print a line at once, over the line of a step under way."""
    clear = "\x1b[2K\r" if sys.stdout.isatty() else ""
    print(f"{clear}{text}", flush=True)


def run_logged(
    command: list[str], *, log: str = "setup", environment: Mapping[str, str] | None = None
) -> None:
    """Run `command` in the checkout, its output appended to var/log/LOG.log.

    Raises:
        StepError: it failed; the message ends with the last lines of its output.
    """
    path = VAR / "log" / f"{log}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as output:
        begun = output.tell()
        output.write(f"$ {' '.join(command)}\n".encode())
        output.flush()
        outcome = subprocess.run(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            check=False,
        )
    if outcome.returncode != 0:
        raise StepError(
            f"{' '.join(command[:4])} ... failed (status {outcome.returncode}). Its last lines, "
            f"from {path}:\n{_tail(path, begun)}"
        )


def _tail(path: Path, begun: int) -> str:
    with path.open("rb") as output:
        output.seek(begun)
        lines = output.read().decode(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])


def _mark(character: str, plain: str) -> str:
    """The character, or its plain form where the terminal cannot write it."""
    try:
        character.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return plain
    return character
