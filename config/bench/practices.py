"""What `bench submit` sends: practices with keys and tokens, and signed four-line claims of real people."""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from django.utils import timezone

from accounts.models import User
from config.bench import town
from config.bench.lists import ALWAYS
from config.bench.posting import BARE, body_of, request_bytes
from config.bench.rows import HISTORY_KEYS, keys_of
from config.bench.urls import TABLE
from core import signatures
from core.money import format_dirhams
from core.numbers import mint_fse_number
from insured.models import Person
from providers.models import Membership, Provider
from providers.services import enrol_device, issue_software_token

PRACTICES = 4
# Codes and charges in centimes: two lines a fund pays as asked, two it caps.
LINES = (("C", 8_000), ("K10", 30_000), ("B35", 3_000), ("Z8", 9_900))


def prepare(count: int) -> tuple[list[bytes], list[bytes]]:
    """Return so many claims to send, each signed and with its own key, and as many bare requests."""
    at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(TABLE)
    providers = Provider.objects.filter(sector="PRIVATE").order_by("inpe")[:PRACTICES]
    desks = [_open_desk(provider, at) for provider in providers]
    patients = list(Person.objects.filter(pk__range=keys_of(HISTORY_KEYS, 0))[: count + 1000])
    draw = Random(town.SEED)
    claims = [
        _signed_claim(desks[number % PRACTICES], draw.choice(patients), at)
        for number in range(count)
    ]
    return claims, [request_bytes(f"/{BARE}", b"{}", {})] * count


def _open_desk(provider: Provider, at: datetime) -> dict[str, Any]:
    user: User = provider.devices.get(label="banc").user
    Membership.objects.create(
        user=user, provider=provider, standing=Membership.Standing.SIGNATORY, period=ALWAYS
    )
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = signatures.jwk_of(key.public_key())
    device = enrol_device(provider=provider, label="mesure", public_jwk=jwk, by=user, at=at)
    token = issue_software_token(
        provider=provider, user=user, software="bench", by="system:bench", at=at
    )
    return {"device": device, "inpe": provider.inpe, "key": key, "token": token}


def _signed_claim(desk: dict[str, Any], patient: Person, at: datetime) -> bytes:
    day = (at - timedelta(days=1)).date().isoformat()
    document = {
        "type": "waraqa/care-claim",
        "version": 1,
        "fse_number": mint_fse_number(desk["device"].prefix),
        "device": desk["device"].kid,
        "provider": desk["inpe"],
        "patient": str(patient.pk),
        "third_party_payment": False,
        "treatment_end_date": None,
        "lines": [
            {
                "position": position,
                "act": act,
                "quantity": 1,
                "charged": format_dirhams(charged),
                "care_date": day,
                "illness": None,
            }
            for position, (act, charged) in enumerate(LINES, start=1)
        ],
    }
    signature = signatures.sign(document, desk["key"])
    headers = {"Authorization": f"Bearer {desk['token']}", "Idempotency-Key": str(uuid4())}
    return request_bytes(
        "/api/v1/claims", body_of({"document": document, "signature": signature}), headers
    )
