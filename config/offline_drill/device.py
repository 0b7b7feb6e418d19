"""A software house's device: it keeps documents in signed, sealed, chained envelopes, and sends them.

Written from docs/offline.md alone, as anybody else's software would be: nothing here reads the database
or the product's own code beyond canonical JSON and ES256.
"""

import json
import time
import urllib.error
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http import client
from typing import Any

from joserfc import jwe, jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from config.demo.doors import Answer, Software
from core import signatures
from core.record_keys import new_key

Document = dict[str, Any]
Envelope = dict[str, Any]

ALGORITHMS = ["ECDH-ES+A256KW", "A256GCM"]
NO_ANSWER = (urllib.error.URLError, OSError, client.HTTPException, ValueError)


class NoAnswer(Exception):
    """The request may or may not have arrived."""


class ReceiptForged(Exception):
    """An answer whose receipt the server's seal did not sign, or that speaks of another envelope."""


@dataclass
class Device:
    """One device, its chain, and its word from the server. `held` is the chain's last envelope."""

    software: Software
    sequence: int = 0
    previous: str = ""
    anchor: Document = field(default_factory=dict)
    anchored: float = 0.0

    def refresh_anchor(self) -> None:
        """Ask the server its time, its keys and its limits. Raises NoAnswer."""
        answer = self._post("sync/anchors", {"device": self.software.kid})
        if answer.status != 200:
            raise RuntimeError(f"no anchor: {answer.status} {answer.body}")
        self.anchor, self.anchored = answer.body, time.monotonic()

    def keep(self, kind: str, body: Document, **inside: Any) -> Envelope:
        """Return the next envelope of the chain, around the body that the API would have been sent.

        `inside`: `path_arguments`, `code`, `presence` when the kind has them.
        """
        envelope = self.enveloped(kind, body, **inside)
        self.sequence += 1
        self.previous = hash_of(envelope)
        return envelope

    def enveloped(self, kind: str, body: Document, **inside: Any) -> Envelope:
        """Return what `keep` would, without advancing the chain: the stuff of a fork."""
        content = {"body": body, "path_arguments": {}, "code": None, "presence": None, **inside}
        document = {
            "type": "waraqa/envelope",
            "version": 1,
            "id": str(new_key()),
            "device": self.software.kid,
            "sequence": self.sequence + 1,
            "previous": self.previous or self.software.kid,
            "kind": kind,
            "wall": _instant(),
            "elapsed_ms": round((time.monotonic() - self.anchored) * 1000),
            "anchor": self.anchor["anchor"],
            "pack": None,
            "offline_since": None,
            "outage": None,
            "sealed": self._sealed(content),
        }
        return self.signed(document)

    def signed(self, document: Document) -> Envelope:
        """Return an envelope's document with this device's signature."""
        return {"document": document, "signature": signatures.sign(document, self.software.key)}

    def send(self, envelopes: list[Envelope]) -> Answer:
        """Send envelopes. Raises NoAnswer."""
        return self._post("sync/envelopes", {"envelopes": envelopes})

    def outcomes(self, ids: list[str]) -> Answer:
        """Ask again what became of envelopes. Raises NoAnswer."""
        return self._post("sync/outcomes", {"ids": ids})

    def receipt(self, envelope: Envelope, answer: Document) -> Document:
        """Return what the receipt of an answer says. Raises ReceiptForged."""
        said = self._opened(answer["receipt"])
        document = envelope["document"]
        expected = {
            "id": document["id"],
            "hash": hash_of(envelope),
            "device": document["device"],
            "sequence": document["sequence"],
            "outcome": answer["outcome"],
        }
        if any(said.get(name) != value for name, value in expected.items()):
            raise ReceiptForged(f"{said} for {expected}")
        return said

    def _opened(self, receipt: str) -> Document:
        key = ECKey.import_key(self.anchor["seal_key"])
        try:
            return dict(json.loads(jws.deserialize_compact(receipt, key, ["ES256"]).payload))
        except JoseError as error:
            raise ReceiptForged(receipt) from error

    def _sealed(self, content: Document) -> str:
        jwk = self.anchor["sealing_key"]
        key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")})
        header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": jwk["kid"]}
        return jwe.encrypt_compact(header, json.dumps(content), key, algorithms=ALGORITHMS)

    def _post(self, path: str, body: Document) -> Answer:
        try:
            return self.software.post(path, body)
        except NO_ANSWER as error:
            raise NoAnswer(str(error)) from error


def hash_of(envelope: Envelope) -> str:
    """Return how the next envelope names this one: SHA-256 of its canonical document, base64url."""
    digest = sha256(signatures.canonical(envelope["document"])).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _instant() -> str:
    """The wall clock of the device."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
