"""Claims received and not judged yet, by hundreds, and the runs that judge them; one is unreadable."""

from datetime import date, datetime
from random import Random

from django.db import transaction
from django.utils.timezone import localdate

from claims.models import Act, CareSheet, Claim, ClaimDocument, ClaimLine, WaitingClaim
from claims.services import RunUnderWay, start_run
from claims.states import ClaimState
from config.demo.doors import Software
from config.drill.country import SYSTEM, UNREADABLE_ACT, Country
from config.drill.papers import Document, Papers
from core import clock, locks, transitions
from core.money import parse_dirhams
from core.signatures import document_hash
from insured.models import Person
from providers.models import Device

CLAIMS_A_RUN = 400


class Queue:
    """Fills the queue as an import would, and starts a run over it."""

    def __init__(self, country: Country, acknowledged: dict[str, str]) -> None:
        self._country = country
        self._papers = Papers(country)
        self._acknowledged = acknowledged
        self.fills = self.runs = 0

    def run(self, draw: Random) -> bool:
        """Queue some hundred claims and start a run; tell whether it started, or another is under way."""
        at = clock.now()
        self._acknowledged.update(self._fill(draw, at))
        self.fills += 1
        try:
            start_run(by=SYSTEM, at=at)
        except RunUnderWay:
            return False
        self.runs += 1
        return True

    @transaction.atomic
    def _fill(self, draw: Random, at: datetime) -> dict[str, str]:
        """Return the keys of the new claims by the hashes of their documents."""
        filed = {}
        devices = {each.kid: each for each in Device.objects.select_related("provider")}
        people = {str(each.pk): each for each in Person.objects.select_related("insured")}
        acts = {each.code: each for each in Act.objects.all()}
        for number in range(CLAIMS_A_RUN):
            doctor = draw.choice(self._country.doctors)
            # Of all claims of the drill, one in a run cannot be judged: its act names no known ceiling.
            act = UNREADABLE_ACT if number == CLAIMS_A_RUN // 2 else None
            document = self._papers.care(draw, doctor, act=act)
            key = _queue(document, doctor, devices, people, acts, at)
            filed[document_hash(document)] = key
        return filed


def _queue(
    document: Document,
    doctor: Software,
    devices: dict[str, Device],
    people: dict[str, Person],
    acts: dict[str, Act],
    at: datetime,
) -> str:
    device, patient = devices[document["device"]], people[document["patient"]]
    (line,) = document["lines"]
    person = {"insured": patient.insured, "patient": patient}
    sheet = CareSheet.objects.create(fse_number=document["fse_number"], opened_at=at, **person)
    charged = parse_dirhams(line["charged"])
    claim = Claim.objects.create(
        sheet=sheet,
        provider=device.provider,
        kind=Claim.Kind.CARE,
        state=ClaimState.SUBMITTED,
        author_id=device.user_id,
        device=device,
        third_party_payment=document["third_party_payment"],
        received_at=at,
        received_date=localdate(at),
        charged_centimes=charged,
        **person,
    )
    ClaimDocument.objects.create(
        claim=claim,
        document=document,
        document_hash=document_hash(document),
        signature=doctor.signed(document)["signature"],
    )
    ClaimLine.objects.create(
        claim=claim,
        provider=device.provider,
        position=1,
        kind=ClaimLine.Kind.ACT,
        act=acts[line["act"]],
        quantity=1,
        charged_centimes=charged,
        care_date=date.fromisoformat(line["care_date"]),
        **person,
    )
    transitions.born(claim, by=SYSTEM, at=at)
    WaitingClaim.objects.create(
        claim=claim,
        state=ClaimState.SUBMITTED,
        bucket=locks.bucket_of(patient.insured_id),
        since=at,
    )
    return str(claim.pk)
