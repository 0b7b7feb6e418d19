"""The tables of the offline work."""

from sync.models.packs import Pack, PackPart

__all__ = ["Pack", "PackPart"]
