"""The negative control: a server that forgot what it received must be caught by the same judge.

In a database of its own, everything that makes a document count once is taken away: the envelope's id
and its place in the chain, the look-ups of what was received, the unique index of documents. Answers
are then lost and envelopes sent again. A judge that found nothing would prove nothing elsewhere either.
"""

import json
from dataclasses import asdict, replace
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.test import Client

from accounts.models import Role, User
from claims import selectors as claims
from config.demo.doors import Answer, Software
from config.drill.country import SYSTEM, Country
from config.drill.papers import Papers
from config.offline_drill.device import Device
from config.offline_drill.network import LOOPBACK
from config.offline_drill.oracle import Oracle, Promise
from core import clock, signatures
from core.record_keys import new_key
from core.signatures import document_hash
from insured.models import Person
from providers.models import Membership
from providers.services import enrol_device, issue_software_token
from sync import selectors as sync
from sync.intake import ReadEnvelope, read_envelope
from sync.models import DeviceChain
from sync.services import _receiving

DOCUMENTS = 3
TAKEN_AWAY = ("claims_claimdocument", "document_hash")
NO_HASH = "0" * 64


class InProcess(Software):
    """A software whose requests go to the site in this very process."""

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        """POST as the network would."""
        site = Client(headers={"Authorization": f"Bearer {self.token}"}, SERVER_NAME=LOOPBACK)
        answer = site.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")
        return Answer(answer.status_code, answer.json(), replayed=False)


def main(seed: str) -> None:
    """Break it, lose every answer once, and print what the judge says as JSON."""
    device = _a_doctors_device()
    device.refresh_anchor()
    _forget_everything()
    judge = Oracle()
    draw = Random(seed)
    papers = Papers(Country([], [], [str(each.pk) for each in Person.objects.all()], []))
    for _document in range(DOCUMENTS):
        body = device.software.signed(papers.care(draw, device.software))
        envelope = device.keep("care_claim", body)
        judge.promised(_promise(envelope, body))
        device.send([envelope])  # the answer is lost
        device.send([envelope])
    print(json.dumps(asdict(judge.judge(_ask))))


def _a_doctors_device() -> Device:
    doctor = User.objects.filter(role=Role.PRESCRIBER).earliest("username")
    provider = Membership.objects.get(user=doctor).provider
    key = ec.generate_private_key(ec.SECP256R1())
    at = clock.now()
    enrolled = enrol_device(
        provider=provider,
        label="variante cassée",
        public_jwk=signatures.jwk_of(key.public_key()),
        by=doctor,
        at=at,
    )
    token = issue_software_token(provider=provider, user=doctor, software="drill", by=SYSTEM, at=at)
    return Device(InProcess("", token, provider.inpe, enrolled.kid, enrolled.prefix, key))


def _promise(envelope: dict[str, Any], body: dict[str, Any]) -> Promise:
    document = envelope["document"]
    return Promise(
        document["id"],
        document["device"],
        document["sequence"],
        document["kind"],
        document_hash(body["document"]),
    )


def _forget_everything() -> None:
    _drop_unique(*TAKEN_AWAY)
    paper_of = claims.paper_of
    claims.paper_of = lambda number, _digest: paper_of(number, NO_HASH)
    sync.same_care = lambda **_care: None
    _receiving.read_envelope = _anonymous


def _drop_unique(table: str, column: str) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)
        for name, constraint in found.items():
            if constraint["unique"] and constraint["columns"] == [column]:
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')


def _anonymous(value: Any) -> ReadEnvelope:
    """Read an envelope as if it bore neither id nor place: whatever arrives is new, and comes next."""
    read = read_envelope(value)
    chain = DeviceChain.objects.get(device__kid=read.device)
    return replace(read, id=new_key(), sequence=chain.sequence + 1, previous=chain.hash)


def _ask(query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()
