"""Reading what the offline work keeps."""

from sync.selectors._packs import (
    PackNotFound,
    changes_between,
    latest_pack,
    pack_by_id,
    part_of,
    part_of_pack,
)

__all__ = [
    "PackNotFound",
    "changes_between",
    "latest_pack",
    "pack_by_id",
    "part_of",
    "part_of_pack",
]
