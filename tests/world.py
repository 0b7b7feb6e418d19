"""A small invented country for tests: providers with keys, families with rights, lists with prices.

Each function makes one thing with honest defaults; arguments say what matters to the test.
"""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.apps import apps
from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Role, User
from claims.adjudication.legislation.loader import load_law
from claims.api.dispensings import dispensing_draft
from claims.intake import ActLine, CareClaimDraft
from claims.models import Act, Claim
from claims.services import dispense_medicine, submit_claim
from core import signatures, transitions
from core.money import parse_dirhams
from core.numbers import mint_fse_number
from core.signatures import SignedDocument
from insured.models import Entitlement, Illness, Insured, LongTermIllness, Person
from payments.models import PayeeAccount
from prescriptions.api.documents import prescription_draft
from prescriptions.intake import DispensingDraft
from prescriptions.models import (
    Medicine,
    MedicinePrice,
    Prescription,
    PrescriptionRequest,
    RequestKind,
)
from prescriptions.services import write_prescription
from prescriptions.states import RequestState
from providers.intake import Offline
from providers.models import AgreementPeriod, Device, Membership, Provider
from providers.services import enrol_device

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
ALWAYS = DateRange(date(2020, 1, 1), None)
OUR_ROOMS = (
    "core",
    "accounts",
    "providers",
    "insured",
    "prescriptions",
    "claims",
    "fraud",
    "payments",
    "sync",
)

_serial = itertools.count(1)


def rib(serial: int) -> str:
    """A RIB with a right key."""
    body = f"0117800000{serial:012d}"
    return f"{body}{97 - int(body) * 100 % 97:02d}"


@dataclass(frozen=True)
class Practice:
    """A provider, the person who signs for it, and their device with its private key."""

    provider: Provider
    user: User
    device: Device
    key: ec.EllipticCurvePrivateKey

    def mint(self) -> str:
        return mint_fse_number(self.device.prefix)

    def sign(self, document: dict[str, Any]) -> SignedDocument:
        return SignedDocument(document, signatures.sign(document, self.key))


def user(role: Role = Role.PRESCRIBER, **fields: Any) -> User:
    n = next(_serial)
    fields = {"username": f"person{n}", "full_name": f"Personne {n}", **fields}
    made = User(role=role, is_staff=False, **fields)
    made.is_staff = made.works_in_office
    made.set_password("a long enough password")
    made.save()
    return made


def practice(
    kind: str = "DOCTOR", sector: str = "PRIVATE", role: Role = Role.PRESCRIBER, **fields: Any
) -> Practice:
    n = next(_serial)
    provider = Provider.objects.create(
        **{
            "inpe": f"{100000000 + n}",
            "kind": kind,
            "name": f"Cabinet {n}",
            "sector": sector,
            "address": "1 rue des Essais, Rabat",
            **fields,
        }
    )
    AgreementPeriod.objects.create(provider=provider, period=ALWAYS)
    PayeeAccount.objects.create(
        provider=provider, rib=rib(500_000 + n), holder=provider.name, period=ALWAYS
    )
    owner = user(role)
    Membership.objects.create(
        user=owner, provider=provider, standing=Membership.Standing.SIGNATORY, period=ALWAYS
    )
    key = ec.generate_private_key(ec.SECP256R1())
    device = enrol_device(
        provider=provider,
        label="poste d’essai",
        public_jwk=signatures.jwk_of(key.public_key()),
        by=owner,
        at=NOW,
    )
    return Practice(provider, owner, device, key)


def pharmacy(**fields: Any) -> Practice:
    return practice("PHARMACY", role=Role.PHARMACIST, **fields)


def person(
    *,
    household: Insured | None = None,
    relation: str = "SELF",
    scheme: str = "SALARIED",
    rights: DateRange | None = ALWAYS,
    **fields: Any,
) -> Person:
    n = next(_serial)
    if household is None:
        household = Insured.objects.create(registration_number=f"{200000000 + n}")
        if rights is not None:
            Entitlement.objects.create(insured=household, scheme=scheme, period=rights)
        PayeeAccount.objects.create(
            insured=household, rib=rib(n), holder=f"Titulaire {n}", period=ALWAYS
        )
    fields = {
        "first_name": "Zineb",
        "last_name": f"Amellal{n}",
        "birth_date": date(1980, 1, 1),
        "sex": "F",
        "cin": f"AB{n}" if relation == "SELF" else "",
        **fields,
    }
    return Person.objects.create(insured=household, relation=relation, **fields)


def diabetes(patient: Person, rate_bp: int = 9000) -> LongTermIllness:
    return LongTermIllness.objects.create(
        person=patient,
        insured=patient.insured,
        code="E11",
        label="Diabète de type 2",
        category="ALD",
        rate_bp=rate_bp,
        period=ALWAYS,
    )


def published_diabetes() -> Illness:
    """The same illness in the published list, which has its Arabic name."""
    return Illness.objects.create(
        code="E11",
        label="Diabète de type 2",
        label_ar="السكري من النوع الثاني",
        category="ALD",
        period=ALWAYS,
        source="tests",
    )


def medicine(
    *,
    public: int | None = 7500,
    base: int = 6000,
    rate_bp: int = 7000,
    **fields: Any,
) -> Medicine:
    n = next(_serial)
    fields = {
        "ean": f"6118{n:09d}",
        "ean_check_is_right": False,
        "name": f"MEDICAMENT {n}",
        "inn": f"SUBSTANCE {n}",
        "strength": "500",
        "strength_unit": "MG",
        "form": "COMPRIME",
        "presentation": "1 BOITE 20",
        "kind": "P",
        **fields,
    }
    made = Medicine.objects.create(
        search_text=f"{fields['name']} {fields['inn']}".lower(), **fields
    )
    MedicinePrice.objects.create(
        medicine=made,
        period=ALWAYS,
        public_price_centimes=public,
        base_price_centimes=base,
        list_rate_bp=rate_bp,
        source="essai",
    )
    return made


def act(code: str = "C", letter: str | None = None, coefficient: int = 100, **fields: Any) -> Act:
    """An act; the letter is the code unless said; `coefficient` in hundredths. Made once per code."""
    found = Act.objects.filter(code=code).first()
    if found is not None:
        return found
    return Act.objects.create(
        code=code,
        label=f"Acte {code}",
        letter=code if letter is None else letter,
        coefficient_hundredths=coefficient,
        period=ALWAYS,
        source="essai",
        search_text=f"{code} acte".lower(),
        **fields,
    )


def prescription_document(
    doctor: Practice, patient: Person, medicines: list[Medicine], **fields: Any
) -> dict[str, Any]:
    lines = [
        {
            "position": position,
            "ean": each.ean,
            "dose": {"morning": "1", "noon": "0", "evening": "1"},
            "days": 30,
            "boxes": 2,
            "substitution": True,
            "illness": None,
        }
        for position, each in enumerate(medicines, start=1)
    ]
    return {
        "type": "waraqa/prescription",
        "version": 1,
        "fse_number": doctor.mint(),
        "device": doctor.device.kid,
        "provider": doctor.provider.inpe,
        "patient": str(patient.pk),
        "written_on": TODAY.isoformat(),
        "lines": lines,
        **fields,
    }


def prescribed_line(medicine: Medicine | None = None, **fields: Any) -> dict[str, Any]:
    """A line of version 2: two boxes of a medicine, or what `fields` say."""
    return {
        "position": 1,
        "kind": "MEDICINE",
        "ean": medicine.ean if medicine else None,
        "inn": None,
        "order": None,
        "wording": None,
        "dose": {"morning": "1", "noon": "0", "evening": "1", "bedtime": "0"},
        "days": 30,
        "boxes": 2,
        "substitution": True,
        "illness": None,
        "over_maximum": False,
        **fields,
    }


def second_document(
    doctor: Practice, patient: Person, lines: list[dict[str, Any]], **fields: Any
) -> dict[str, Any]:
    """A prescription of version 2; its lines are numbered as they come."""
    return {
        "type": "waraqa/prescription",
        "version": 2,
        "fse_number": doctor.mint(),
        "device": doctor.device.kid,
        "provider": doctor.provider.inpe,
        "patient": str(patient.pk),
        "written_on": TODAY.isoformat(),
        "starts_on": None,
        "repeats": None,
        "secret": "7KQ2ZD",
        "lines": [{**line, "position": n} for n, line in enumerate(lines, start=1)],
        "alerts": [],
        **fields,
    }


def care_document(doctor: Practice, patient: Person, **fields: Any) -> dict[str, Any]:
    return {
        "type": "waraqa/care-claim",
        "version": 1,
        "fse_number": doctor.mint(),
        "device": doctor.device.kid,
        "provider": doctor.provider.inpe,
        "patient": str(patient.pk),
        "third_party_payment": False,
        "treatment_end_date": None,
        "lines": [
            {
                "position": 1,
                "act": "C",
                "quantity": 1,
                "charged": "200.00",
                "care_date": TODAY.isoformat(),
                "illness": None,
            }
        ],
        **fields,
    }


def dispensing_document(
    shop: Practice, prescription: Any, lines: list[tuple[int, Medicine, int, str]], **fields: Any
) -> dict[str, Any]:
    """`lines`: position, medicine, boxes, charged in dirhams."""
    return {
        "type": "waraqa/dispensing",
        "version": 1,
        "fse_number": prescription.fse_number,
        "device": shop.device.kid,
        "provider": shop.provider.inpe,
        "patient": str(prescription.patient_id),
        "dispensed_on": TODAY.isoformat(),
        "third_party_payment": True,
        "lines": [
            {"position": position, "ean": each.ean, "boxes": boxes, "charged": charged}
            for position, each, boxes, charged in lines
        ],
        **fields,
    }


def law() -> Any:
    return load_law()


def care_draft(document: dict[str, Any]) -> CareClaimDraft:
    """Return the draft of a care document, as the API's serializer builds it."""
    return CareClaimDraft(
        fse_number=document["fse_number"],
        device=document["device"],
        inpe=document["provider"],
        patient=UUID(document["patient"]),
        third_party_payment=document["third_party_payment"],
        treatment_end_date=None,
        lines=tuple(
            ActLine(
                position=line["position"],
                act=line["act"],
                quantity=line["quantity"],
                charged_centimes=parse_dirhams(line["charged"]),
                care_date=date.fromisoformat(line["care_date"]),
                illness=line["illness"],
            )
            for line in document["lines"]
        ),
    )


def submit(doctor: Practice, document: dict[str, Any], at: datetime = NOW) -> Claim:
    """Submit a care document through the service, as the API would."""
    draft = care_draft(document)
    return submit_claim(draft=draft, signed=doctor.sign(document), by=doctor.user, at=at).claim


def prescribe(
    doctor: Practice,
    document: dict[str, Any],
    at: datetime = NOW,
    preparation: UUID | None = None,
) -> Prescription:
    """Write a prescription through the service."""
    starts_on = document.get("starts_on")
    checked = {
        **document,
        "patient": UUID(document["patient"]),
        "written_on": date.fromisoformat(document["written_on"]),
        "starts_on": date.fromisoformat(starts_on) if starts_on else None,
    }
    draft = prescription_draft(checked)
    return write_prescription(
        draft=draft,
        signed=doctor.sign(document),
        by=doctor.user,
        at=at,
        preparation=preparation,
    )


def dispense(
    shop: Practice,
    document: dict[str, Any],
    at: datetime = NOW,
    offline: Offline | None = None,
) -> Claim:
    """Dispense through the service."""
    draft = dispensing_draft_of(document)
    signed = shop.sign(document)
    return dispense_medicine(draft=draft, signed=signed, by=shop.user, at=at, offline=offline).claim


def request_of(prescription: Prescription) -> PrescriptionRequest:
    """A question that waits for its prescriber: the insured's, about a renewal."""
    asked = {"by": prescription.author, "at": NOW}
    request = PrescriptionRequest.objects.create(
        prescription=prescription,
        insured_id=prescription.insured_id,
        kind=RequestKind.RENEWAL,
        state=RequestState.OPEN,
        prescriber=prescription.prescriber,
        asked_by=asked["by"],
        asked_at=asked["at"],
    )
    transitions.born(request, **asked)
    return request


def dispensing_draft_of(document: dict[str, Any]) -> DispensingDraft:
    """Return the draft of a dispensing's document of either version, as the API's serializer builds it."""
    lines = [
        {
            **line,
            "charged": parse_dirhams(line["charged"]) if line["charged"] else None,
            "packs": [
                {
                    **pack,
                    "expires_on": pack["expires_on"] and date.fromisoformat(pack["expires_on"]),
                }
                for pack in line.get("packs", ())
            ],
        }
        for line in document["lines"]
    ]
    days = {"dispensed_on": date.fromisoformat(document["dispensed_on"])}
    patient = {"patient": UUID(document["patient"])}
    return dispensing_draft({**document, **days, **patient, "lines": lines})


def dispensed_line(
    position: int, medicine: Medicine | None = None, boxes: int | None = None, **fields: Any
) -> dict[str, Any]:
    """A line of version 2: boxes of a medicine at 75 dirhams each, or what `fields` say."""
    return {
        "position": position,
        "outcome": "DISPENSED",
        "reason": None,
        "ean": medicine.ean if medicine else None,
        "boxes": boxes,
        "charged": f"{75 * boxes}.00" if boxes else None,
        "substitution": None,
        "packs": [],
        **fields,
    }


def second_dispensing(
    shop: Practice, prescription: Any, lines: list[dict[str, Any]], **fields: Any
) -> dict[str, Any]:
    """A dispensing of version 2."""
    return {
        "type": "waraqa/dispensing",
        "version": 2,
        "fse_number": prescription.fse_number,
        "instance": prescription.instance,
        "replaces": None,
        "device": shop.device.kid,
        "provider": shop.provider.inpe,
        "patient": str(prescription.patient_id),
        "dispensed_on": TODAY.isoformat(),
        "third_party_payment": True,
        "lines": lines,
        **fields,
    }


def rows_everywhere() -> dict[str, int]:
    """Count the rows of every table of ours: the proof that a refusal wrote nothing."""
    return {
        model._meta.label: model._base_manager.count()
        for room in OUR_ROOMS
        for model in apps.get_app_config(room).get_models()
    }
