"""Every write of the offline work."""

from sync.services._packs import make_pack

__all__ = ["make_pack"]
