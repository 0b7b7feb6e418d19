"""`bench safety`: a check of 8 medicines with 24 months of history beside a bare `SELECT 1` request."""

from concurrent.futures import ProcessPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from accounts.models import Role, User
from config.bench import databases, town
from config.bench.crew import crew
from config.bench.databases import Address
from config.bench.measuring import middle, percentile
from config.bench.posting import SELECT_ONE, Sent, body_of, request_bytes, send_all
from config.bench.serving import serving
from config.bench.stock import Tell
from core.numbers import mint_fse_number
from insured.models import CareProfile, Insured, Person
from prescriptions import gateways
from prescriptions.models import Medicine, PrescribedItem, Prescription
from prescriptions.services import import_interactions
from providers.models import Device, Membership, Provider, ProviderKind
from providers.services import issue_software_token

LINES = 8
PRESCRIBERS = 3
PATIENTS = 40
MONTHS = 24
LINES_A_MONTH = 3
WARM_UP = 60
# What a general practice prescribes; the thesaurus knows most of them.
SUBSTANCES = (
    "AMLODIPINE", "RAMIPRIL", "METFORMINE", "SIMVASTATINE", "ATORVASTATINE", "ACIDE ACETYLSALICYLIQUE",
    "CLOPIDOGREL", "BISOPROLOL", "FUROSEMIDE", "SPIRONOLACTONE", "OMEPRAZOLE", "LEVOTHYROXINE SODIQUE",
    "PARACETAMOL", "IBUPROFENE", "DICLOFENAC", "TRAMADOL", "AMOXICILLINE", "CLARITHROMYCINE",
    "CIPROFLOXACINE", "FLUCONAZOLE", "PREDNISONE", "SALBUTAMOL", "CETIRIZINE", "LORATADINE",
    "ESCITALOPRAM", "ALPRAZOLAM", "AMITRIPTYLINE", "CARBAMAZEPINE", "VALPROATE DE SODIUM", "INSULINE HUMAINE",
    "GLICLAZIDE", "ALLOPURINOL", "COLCHICINE", "METHOTREXATE", "ACENOCOUMAROL", "DIGOXINE", "AMIODARONE",
    "VERAPAMIL", "SILDENAFIL", "DOMPERIDONE",
)  # fmt: skip


def run(*, address: Address, requests: int, rounds: int, root: Path, tell: Tell) -> dict[str, Any]:
    """Measure in a database made for it and dropped after; return every figure, each round's own too."""
    copy = address.called(f"{address.name}_bench_safety")
    tell("writing patients and their 24 months")
    databases.create(copy)
    try:
        with crew(copy) as (clerk,):
            checks, bare = clerk.do(prepare, WARM_UP + rounds * requests)
        pairs = []
        with (
            serving(copy, workers=1, root=root) as web,
            ProcessPoolExecutor(1, mp_context=get_context("spawn")) as client,
        ):
            _send(client, web.socket, checks[:WARM_UP])
            _send(client, web.socket, bare[:WARM_UP])
            for number in range(rounds):
                tell(f"round {number + 1} of {rounds}")
                first = WARM_UP + number * requests
                floor = _send(client, web.socket, bare[first : first + requests])
                pairs.append((_send(client, web.socket, checks[first : first + requests]), floor))
        return _figures(pairs)
    finally:
        databases.drop(copy)


class ChecksRefused(RuntimeError):
    """Checks that should have been answered were refused: there is nothing to measure."""


def _send(client: ProcessPoolExecutor, socket: str, requests: list[bytes]) -> Sent:
    """One connection: a professional waits for one answer."""
    sent: Sent = client.submit(send_all, socket, requests, 1).result()
    if sent.refused:
        raise ChecksRefused(f"{len(sent.refused)} of {len(requests)} refused: {sent.refused[0]}")
    return sent


def _figures(pairs: list[tuple[Sent, Sent]]) -> dict[str, Any]:
    def milliseconds(sent: Sent, share: float) -> float:
        return 1000 * percentile(sent.seconds, share)

    rounds = [
        {
            "check_median_ms": round(milliseconds(check, 0.5), 2),
            "check_p95_ms": round(milliseconds(check, 0.95), 2),
            "bare_median_ms": round(milliseconds(bare, 0.5), 2),
            "bare_p95_ms": round(milliseconds(bare, 0.95), 2),
        }
        for check, bare in pairs
    ]
    told: dict[str, Any] = {
        key: round(middle(each[key] for each in rounds), 2) for key in rounds[0]
    }
    told["median_ratio"] = round(
        middle(each["check_median_ms"] / each["bare_median_ms"] for each in rounds), 2
    )
    told["p95_ratio"] = round(
        middle(each["check_p95_ms"] / each["bare_p95_ms"] for each in rounds), 2
    )
    return {**told, "medicines": LINES, "months": MONTHS, "rounds": rounds}


def prepare(count: int) -> tuple[list[bytes], list[bytes]]:
    """Fill the database; return so many checks and as many bare requests."""
    call_command("migrate", verbosity=0)
    at = timezone.now()
    import_interactions(published=gateways.shipped(), by="system:bench", at=at)
    draw = Random(town.SEED)
    medicines = Medicine.objects.bulk_create(
        Medicine(
            ean=f"6118{number:09d}",
            ean_check_is_right=False,
            name=inn,
            inn=inn,
            strength="10",
            strength_unit="MG",
            form="COMPRIME",
            presentation="1 BOITE 30 COMPRIME",
            search_text=inn.lower(),
        )
        for number, inn in enumerate(SUBSTANCES)
    )
    desks = [_desk(number, at) for number in range(PRESCRIBERS)]
    patients = [_patient(number, desks, medicines, draw, at) for number in range(PATIENTS)]
    token = issue_software_token(
        provider=desks[0].provider, user=desks[0].user, software="bench", by="system:bench", at=at
    )
    headers = {"Authorization": f"Bearer {token}"}
    checks = [
        request_bytes(
            "/api/v1/safety", body_of(_question(desks[0], patients, medicines, draw)), headers
        )
        for _each in range(count)
    ]
    return checks, [request_bytes(f"/{SELECT_ONE}", b"{}", {})] * count


def _desk(number: int, at: datetime) -> Device:
    user = User(username=f"bench{number}", full_name="Banc", role=Role.PRESCRIBER)
    user.set_unusable_password()
    user.save()
    provider = Provider.objects.create(
        inpe=f"10000000{number}",
        name=f"Cabinet {number}",
        kind=ProviderKind.DOCTOR,
        sector="PRIVATE",
    )
    Membership.objects.create(
        user=user,
        provider=provider,
        standing=Membership.Standing.SIGNATORY,
        period=DateRange(at.date() - timedelta(days=1), None),
    )
    return Device.objects.create(
        provider=provider,
        user=user,
        kid=f"{number}" * 43,
        prefix=f"BEN0{number}",
        state="ACTIVE",
        label="banc",
        public_jwk={},
        enrolled_at=at,
    )


def _patient(
    number: int, desks: list[Device], medicines: list[Medicine], draw: Random, at: datetime
) -> Person:
    """A person with consent, an allergy, and a prescription a month of one of three prescribers."""
    insured = Insured.objects.create(registration_number=f"{number + 1:09d}")
    person = Person.objects.create(
        insured=insured,
        relation="SELF",
        first_name="Banc",
        last_name=str(number),
        birth_date=at.date() - timedelta(days=365 * (30 + number)),
        sex="F",
    )
    CareProfile.objects.create(
        person=person,
        insured=insured,
        allergies=[{"inn": "amoxicilline", "atc": ""}],
        pregnant=False,
        breast_feeding=False,
        holds_until=at.date() + timedelta(days=90),
        shares_history=True,
    )
    written = Prescription.objects.bulk_create(
        _written(person, desks[month % PRESCRIBERS], month, at) for month in range(MONTHS)
    )
    PrescribedItem.objects.bulk_create(
        PrescribedItem(
            prescription=each,
            insured=insured,
            position=position,
            medicine=medicine,
            inn=medicine.inn,
            state="DISPENSED",
            dose_morning="1",
            dose_noon="0",
            dose_evening="0",
            duration_days=30,
            boxes=1,
            boxes_dispensed=1,
            substitution_allowed=True,
        )
        for each in written
        for position, medicine in enumerate(draw.sample(medicines, LINES_A_MONTH), start=1)
    )
    return person


def _written(person: Person, desk: Device, month: int, at: datetime) -> Prescription:
    day = at.date() - timedelta(days=5 + 30 * month)
    return Prescription(
        fse_number=mint_fse_number(desk.prefix),
        state="COMPLETED",
        insured=person.insured,
        patient=person,
        prescriber=desk.provider,
        author=desk.user,
        device=desk,
        written_on=day,
        valid_until=day + timedelta(days=90),
        document={},
        document_hash="bench",
        signature="bench",
        received_at=at,
    )


def _question(
    desk: Device, patients: list[Person], medicines: list[Medicine], draw: Random
) -> dict[str, Any]:
    return {
        "provider": desk.provider.inpe,
        "patient": str(draw.choice(patients).pk),
        "moment": "PRESCRIBING",
        "fse_number": None,
        "lines": [
            {
                "position": position,
                "ean": medicine.ean,
                "inn": None,
                "dose": {"morning": "1", "noon": "0", "evening": "1", "bedtime": "0"},
                "days": 30,
            }
            for position, medicine in enumerate(draw.sample(medicines, LINES), start=1)
        ],
    }
