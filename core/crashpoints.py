"""Named points where a drill makes a process die, to prove that a crash there loses nothing.

Without `WARAQA_CRASH_AT` in the environment a point does nothing; production settings refuse to start
with it. The variable holds `name` or `name:n` (die at the n-th passage of a process), or `@path`: a
file that holds the same, obeyed by one process only, the first to get there and take the file away.
"""

import os
import signal
from collections import Counter
from pathlib import Path

VARIABLE = "WARAQA_CRASH_AT"
_passages: Counter[str] = Counter()


def crashpoint(name: str) -> None:
    """Die by SIGKILL here if this point, at this passage, is the one that was asked for."""
    asked = os.environ.get(VARIABLE)
    if asked and (_is_taken(asked[1:], name) if asked.startswith("@") else _is_due(asked, name)):
        os.kill(os.getpid(), signal.SIGKILL)


def _is_due(asked: str, name: str) -> bool:
    wanted, _, passage = asked.partition(":")
    if wanted != name:
        return False
    _passages[name] += 1
    return _passages[name] >= int(passage or 1)


def _is_taken(path: str, name: str) -> bool:
    """Whether the file asks for this passage, and this process is the one that took it away."""
    order = Path(path)
    try:
        if not _is_due(order.read_text().strip(), name):
            return False
        order.unlink()
    except FileNotFoundError:
        return False
    return True
