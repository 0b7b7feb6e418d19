"""What programs write for operators: where it failed and why, never whose data it was."""

import logging
import re
from typing import Any

# PostgreSQL repeats the refused values after these words, over several lines when a value has some.
_VALUES = re.compile(
    r"^(DETAIL|CONTEXT):.*?(?=^(?:HINT:|Traceback |The above |During handling |  File )|\Z)",
    re.MULTILINE | re.DOTALL,
)


def without_values(text: str) -> str:
    """Return a trace without the rows and keys that the database quotes in its refusals."""
    return _VALUES.sub(r"\1: (left out)\n", text)


class DiscreetFormatter(logging.Formatter):
    """A log line, and a trace when there is one, without the data of anybody."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 (logging's own name)
        return without_values(super().formatException(ei))

    def format(self, record: logging.LogRecord) -> str:
        return without_values(super().format(record)).rstrip("\n")
