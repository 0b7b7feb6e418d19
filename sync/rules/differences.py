"""What changed between two states of a list of rows. Pure."""

from collections.abc import Mapping
from typing import Any

Rows = Mapping[str, Any]


def difference(old: Rows, new: Rows) -> dict[str, Any]:
    """Rows by key that were added, whose content changed, and the keys that were removed.

    Applied to `old`, it gives exactly `new`, and so, in canonical form, the same bytes.
    """
    return {
        "added": {key: row for key, row in new.items() if key not in old},
        "changed": {key: row for key, row in new.items() if key in old and old[key] != row},
        "removed": sorted(old.keys() - new.keys()),
    }
