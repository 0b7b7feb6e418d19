"""`print_offline_example`: the worked example of docs/offline.md, made with this installation's keys."""

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management.base import BaseCommand
from joserfc import jwe
from joserfc.jwk import ECKey

from core import signatures
from sync.gateways import SEALED_WITH, issued, seal_jwk, sealing_jwk
from sync.intake import envelope_hash

Json = dict[str, Any]
# An invented device, whose key everybody may know.
DEVICE_NUMBER = int.from_bytes(b"\x03" * 32, "big")


class Command(BaseCommand):
    help = (
        "Écrit l’exemple de docs/offline.md : une enveloppe, son contenu, son accusé de réception."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(json.dumps(_example(), ensure_ascii=False, indent=2))


def _example() -> Json:
    """Return the example: keys, the content in clear, the envelope, its hash, anchor and receipt."""
    key = ec.derive_private_key(DEVICE_NUMBER, ec.SECP256R1())
    jwk = signatures.jwk_of(key.public_key())
    kid = signatures.thumbprint(jwk)
    content = {
        "body": {"reason": "erreur de saisie"},
        "path_arguments": {"fse_number": "7SWEG28E8B24"},
        "code": None,
        "presence": None,
    }
    anchor = {
        "device": kid,
        "at": "2026-11-23T07:45:00+00:00",
        "id": "01936f6a-7e50-7c3b-9a52-2f8d0a1b4c5d",
    }
    document: Json = {
        "type": "waraqa/envelope",
        "version": 1,
        "id": "01936f6b-0000-7000-8000-000000000001",
        "device": kid,
        "sequence": 1,
        "previous": kid,
        "kind": "cancellation",
        "wall": "2026-11-23T09:15:02.123Z",
        "elapsed_ms": 5402123,
        "anchor": issued(anchor),
        "pack": None,
        "offline_since": "2026-11-23T07:46:10.000Z",
        "outage": None,
        "sealed": _sealed(content),
    }
    hashed = envelope_hash(document)
    receipt = {
        "id": document["id"],
        "hash": hashed,
        "device": kid,
        "sequence": 1,
        "outcome": "APPLIED",
        "at": "2026-11-23T09:20:00+00:00",
    }
    return {
        "device_jwk": jwk,
        "seal_key": seal_jwk(),
        "sealing_key": sealing_jwk(),
        "content": content,
        "envelope": {"document": document, "signature": signatures.sign(document, key)},
        "hash": hashed,
        "receipt": issued(receipt),
        "receipt_says": receipt,
    }


def _sealed(content: Json) -> str:
    jwk = sealing_jwk()
    key = ECKey.import_key({name: jwk[name] for name in ("kty", "crv", "x", "y")})
    header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "kid": jwk["kid"]}
    return jwe.encrypt_compact(header, json.dumps(content), key, algorithms=SEALED_WITH)
