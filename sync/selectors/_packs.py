"""Reading reference packs: the latest, one of them, a part, and what changed between two."""

import json
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from sync.models import Pack, PackPart
from sync.rules.differences import difference

Json = dict[str, Any]


class PackNotFound(DomainError):
    """No pack was made yet, or this one is no longer kept."""

    code = "PACK_NOT_FOUND"
    status = 404
    message = _(
        "Ce paquet de référence n’est plus gardé par le serveur, ou n’est pas encore fait. Celui du "
        "poste reste en place ; demandez le dernier."
    )


def latest_pack() -> Pack | None:
    """Return the last pack made, if any."""
    return Pack.objects.order_by("-made_at", "-pk").first()


def pack_by_id(key: UUID) -> Pack:
    """Return a pack. Raises PackNotFound."""
    pack = Pack.objects.filter(pk=key).first()
    if pack is None:
        raise PackNotFound
    return pack


def part_of(pack: Pack, name: str) -> PackPart:
    """Return one part of a pack by its name. Raises PackNotFound."""
    sha256 = _digests(pack).get(name)
    part = PackPart.objects.filter(name=name, sha256=sha256).first() if sha256 else None
    if part is None:
        raise PackNotFound
    return part


def part_of_pack(key: UUID, name: str) -> PackPart:
    """Return one part of the pack of this key. Raises PackNotFound."""
    return part_of(pack_by_id(key), name)


def changes_between(old: Pack, new: Pack) -> Json:
    """Return what leads from one pack to another: differences by row, or the parts to take whole.

    Parts that did not change are in neither. Raises PackNotFound when a part of `old` is gone.
    """
    before = _digests(old)
    changed = [part for part in new.manifest["parts"] if before.get(part["name"]) != part["sha256"]]
    by_row = [part["name"] for part in changed if part["rows"] is not None]
    return {
        "type": "waraqa/pack-changes",
        "version": 1,
        "from": str(old.pk),
        "to": str(new.pk),
        "whole": [part["name"] for part in changed if part["rows"] is None],
        "parts": {name: difference(_rows(old, name), _rows(new, name)) for name in by_row},
    }


def _rows(pack: Pack, name: str) -> Json:
    rows: Json = json.loads(bytes(part_of(pack, name).content))
    return rows


def _digests(pack: Pack) -> dict[str, str]:
    return {part["name"]: part["sha256"] for part in pack.manifest["parts"]}
