"""A device with no network, for tests: it seals, chains and signs as docs/offline.md says."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwe
from joserfc.jwk import ECKey

from core import signatures
from core.record_keys import new_key
from sync import services
from sync.gateways import SEALED_WITH, sealing_jwk
from sync.intake import envelope_hash
from sync.models import Envelope
from tests import world
from tests.world import Practice

Json = dict[str, Any]


def sealed(content: Json) -> str:
    jwk = sealing_jwk()
    key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")})
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": jwk["kid"]}
    return jwe.encrypt_compact(header, json.dumps(content), key, algorithms=SEALED_WITH)


def instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class OfflineDevice:
    """A practice's device: its clock is `now`, moved by the test; `lag` is how wrong its wall clock is."""

    practice: Practice
    now: datetime = world.NOW
    lag: timedelta = timedelta()
    sequence: int = 0
    previous: str = ""
    anchor: str | None = None
    anchored_at: datetime | None = None
    kept: list[Json] = field(default_factory=list)

    def hear(self) -> "OfflineDevice":
        """Meet the server: a new anchor."""
        anchored = services.anchor_device(
            kid=self.practice.device.kid, by=self.practice.user, at=self.now
        )
        self.anchor, self.anchored_at = anchored.token, anchored.at
        return self

    def wait(self, **lapse: float) -> "OfflineDevice":
        self.now += timedelta(**lapse)
        return self

    def keep(self, kind: str, body: Json, *, inside: Json | None = None, **fields: Any) -> Json:
        """Return the next envelope of the chain. `fields` stand in its document, whatever they are."""
        made = self.made(kind, body, inside=inside, **fields)
        self.sequence = made["document"]["sequence"]
        self.previous = envelope_hash(made["document"])
        self.kept.append(made)
        return made

    def made(self, kind: str, body: Json, *, inside: Json | None = None, **fields: Any) -> Json:
        """Return an envelope without advancing the chain."""
        content = {"body": body, "path_arguments": {}, "code": None, "presence": None}
        elapsed = self.now - self.anchored_at if self.anchored_at else None
        document = {
            "type": "waraqa/envelope",
            "version": 1,
            "id": str(new_key()),
            "device": self.practice.device.kid,
            "sequence": self.sequence + 1,
            "previous": self.previous or self.practice.device.kid,
            "kind": kind,
            "wall": instant(self.now + self.lag),
            "elapsed_ms": round(elapsed.total_seconds() * 1000) if elapsed is not None else None,
            "anchor": self.anchor,
            "pack": None,
            "offline_since": None,
            "outage": None,
            "sealed": sealed({**content, **(inside or {})}),
            **fields,
        }
        return self.signed(document)

    def signed(self, document: Json) -> Json:
        return {
            "document": document,
            "signature": signatures.sign(document, self.practice.key),
        }

    def body(self, document: Json, **more: Any) -> Json:
        """The body that a page would send of a document."""
        signed = self.practice.sign(document)
        return {"document": signed.document, "signature": signed.signature, **more}

    def care(self, patient: Any, *, inside: Json | None = None, **fields: Any) -> Json:
        """Keep a care claim of a consultation."""
        return self.keep(
            "care_claim",
            self.body(world.care_document(self.practice, patient, **fields)),
            inside=inside,
        )

    def send(self, *envelopes: Json, at: datetime | None = None) -> list[services.Reply]:
        return services.receive_envelopes(
            envelopes=list(envelopes), by=self.practice.user, at=at or self.now
        )


def stands(envelope: Json) -> Envelope:
    """The envelope as the server holds it."""
    return Envelope.objects.get(pk=envelope["document"]["id"])


def states(*envelopes: Json) -> list[tuple[str, str]]:
    """State and code of each envelope."""
    return [(stands(each).state, stands(each).code) for each in envelopes]
