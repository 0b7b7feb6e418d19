"""Making reference packs: sealed, dated, a new one only when something changed or time runs out."""

import json
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import brotli
from django.db import connection, transaction
from django.utils.timezone import localdate

from claims.selectors import law
from core import audit, seal
from core.record_keys import new_key
from sync.models import Pack, PackPart
from sync.reference.packs import ENGINE, pack_parts
from sync.selectors import latest_pack

TYPE = "waraqa/pack"
VERSION = 1

Json = dict[str, Any]


def make_pack(*, by: Any, at: datetime) -> Pack | None:
    """Seal a pack of the law and lists as they stand; None when the latest one still says the same.

    It is made again unchanged when half of its validity has passed, so that a device that meets the
    network keeps half of it at least. Contents are let go a while after the last pack that holds them
    ended: amounts shown with it are still to be judged. Raises SealMissing.
    """
    law_now = law()
    contents = pack_parts(law=law_now, day=localdate(at), at=at)
    valid = timedelta(days=law_now.at(localdate(at)).delay("pack_valid_days"))
    with transaction.atomic():
        _alone()
        latest = latest_pack()
        if latest and _says(latest, contents) and at < latest.made_at + valid / 2:
            return None
        pack = Pack(id=new_key(), made_at=at, valid_until=at + valid)
        pack.manifest = seal.seal(
            {
                "type": TYPE,
                "version": VERSION,
                "id": str(pack.pk),
                "made_at": pack.made_at.isoformat(),
                "valid_until": pack.valid_until.isoformat(),
                "law": law_now.digest,
                "parts": [_kept(name, content) for name, content in contents.items()],
            }
        )
        pack.save(force_insert=True)
        _let_go(at - timedelta(days=law_now.at(localdate(at)).delay("pack_kept_days")))
        audit.record(
            by=by,
            at=at,
            action="sync.pack.made",
            subject=pack,
            after={part["name"]: part["sha256"] for part in pack.manifest["parts"]},
        )
    return pack


def _alone() -> None:
    """Two makers at once would make the same pack twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('sync.pack', 2))")


def _says(pack: Pack, contents: dict[str, bytes]) -> bool:
    held = {part["name"]: part["sha256"] for part in pack.manifest["parts"]}
    return held == {name: sha256(content).hexdigest() for name, content in contents.items()}


def _kept(name: str, content: bytes) -> Json:
    """Keep a part's bytes unless they are there already; return its line of the manifest."""
    digest = sha256(content).hexdigest()
    part = PackPart.objects.filter(name=name, sha256=digest).defer("content").first()
    if part is None:
        part = PackPart(
            name=name, sha256=digest, content=content, compressed=brotli.compress(content)
        )
        part.save(force_insert=True)
    return {
        "name": name,
        "bytes": len(content),
        "compressed": len(part.compressed),
        "rows": None if name == ENGINE else len(json.loads(content)),
        "sha256": digest,
    }


def _let_go(before: datetime) -> None:
    """Delete contents that only packs which ended by `before` hold."""
    manifests = Pack.objects.filter(valid_until__gt=before).values_list("manifest", flat=True)
    held = {part["sha256"] for manifest in manifests for part in manifest["parts"]}
    PackPart.objects.exclude(sha256__in=held).delete()
