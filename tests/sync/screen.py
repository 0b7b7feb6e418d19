"""What a page without network shows, for tests: the worker's own question to the worker's own function."""

import json
from typing import Any

from claims import services as claims
from claims.adjudication import Law
from claims.adjudication.estimating import estimate_text
from claims.presenters import known_output
from insured.models import Person
from sync import selectors, services
from sync.models import Pack
from tests import world
from tests.sync.device import OfflineDevice

Json = dict[str, Any]


def pack_now(at: Any = world.NOW) -> Pack:
    """Make the pack of the lists as they stand."""
    made = services.make_pack(by="system:test", at=at)
    assert made is not None
    return made


def rows(pack: Pack, name: str) -> Json:
    found: Json = json.loads(bytes(selectors.part_of(pack, name).content))
    return found


def known_of(patient: Person, device: OfflineDevice) -> Json:
    """What the server says of a patient to a device, sealed."""
    facts = claims.known_facts(
        patient=patient.pk,
        provider=device.practice.provider,
        by=device.practice.user,
        at=world.NOW,
    )
    return known_output(facts, person=patient.pk)


def showing(
    device: OfflineDevice, document: Json, pack: Pack, *, known: Json | None = None
) -> Json:
    """Return what stands in the sealed content as `shown`: the engine of a pack asked of a document."""
    acts: dict[str, list[Json]] = {}
    for row in rows(pack, "acts").values():
        acts.setdefault(row["act"], []).append(row)
    lines = [line for line in document["lines"] if line.get("charged")]
    question = {
        "received_date": world.TODAY.isoformat(),
        "treatment_end_date": document.get("treatment_end_date"),
        "provider": {"inpe": document["provider"], "sector": "PRIVATE", "agreements": None},
        "known": known,
        "acts": acts,
        "medicines": rows(pack, "medicines"),
        "lines": [
            {
                "position": line["position"],
                **({"ean": line["ean"]} if "ean" in line else {"act": line["act"]}),
                "quantity": line.get("quantity") or line["boxes"],
                "charged": line["charged"],
                "care_date": line.get("care_date") or document["dispensed_on"],
                "illness": line.get("illness"),
            }
            for line in lines
        ],
    }
    law = Law.from_dict({"parameters": rows(pack, "law")})
    answer = json.loads(estimate_text(json.dumps(question), law))
    return {
        "engine": digest_of(pack),
        "known": known,
        "provider": {"sector": "PRIVATE", "agreements": None},
        "lines": [
            {
                "position": line["position"],
                "reimbursed": said["reimbursed"],
                "illness": line.get("illness"),
            }
            for line, said in zip(lines, answer["lines"], strict=True)
        ],
    }


def digest_of(pack: Pack) -> str:
    """SHA-256 of the engine's files in a pack."""
    (digest,) = [each["sha256"] for each in pack.manifest["parts"] if each["name"] == "engine"]
    return str(digest)
