"""The tour of the demonstration that photographs every screen, door by door.

It reads what the scenario left, fills a consultation without sending it, and dispenses one prescription
that it had a software of the doctor write: the only thing a run leaves behind.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect, sync_playwright

from claims.models import Claim
from config.demo import papers
from config.demo.doors import DoorClosed
from config.demo.logins import RETURNED_LOGIN, software_of
from config.demo.past import TRIED
from config.demo.photographs import LANGUAGES, Album, Studio, Visitor, kept_of, studio
from fraud.models import Case
from payments.models import PaymentBatch

# What the doctor types and the tour finds in the shipped lists.
MEDICINES = ("gluco", "amlor", "kardegic")
ACT, CHARGED = "C", "200,00"
BOXES_FOR = {"fr": {1: 2, 3: 1}, "ar": {2: 1, 3: 2}}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the tour needs to know of the installation, read before the browser opens."""

    consultation: str  # FSE number of the scenario's consultation
    held_claim: str
    paid_claim: str
    returned_claim: str
    batch: str
    fraud_case: str
    to_dispense: str  # FSE number of a prescription nobody has dispensed

    @classmethod
    def read(cls, base_url: str) -> "Facts":
        """Raises DoorClosed when the scenario was not played."""
        journal = settings.VAR_DIR / "demo" / "journal.json"
        if not journal.exists() or not PaymentBatch.objects.exists():
            raise DoorClosed("The scenario was not played: run `make demo ONCE=1` first.")
        papers_sent = json.loads(journal.read_text(encoding="utf-8"))
        number = papers_sent["consultation"]["body"]["document"]["fse_number"]
        held = Claim.objects.filter(state="HELD").order_by("received_at").first()
        returned = Claim.objects.filter(state="PAYMENT_FAILED").order_by("received_at").first()
        case = Case.objects.filter(kind=Case.Kind.PROVIDER).order_by("score_bp").first()
        if held is None or returned is None or case is None:
            raise DoorClosed(
                "No file is held, none was returned or no case is open: play the scenario afresh."
            )
        return cls(
            consultation=number,
            held_claim=str(held.pk),
            paid_claim=str(Claim.objects.get(sheet__fse_number=number, kind="CARE").pk),
            returned_claim=str(returned.pk),
            batch=str(PaymentBatch.objects.earliest("prepared_at").pk),
            fraud_case=str(case.pk),
            to_dispense=_write_prescription(base_url),
        )


def _write_prescription(base_url: str) -> str:
    doctor = software_of("medecin", base_url=base_url, at=timezone.now())
    patient = papers.person_of(papers.DIABETIC)
    document = papers.prescription(doctor, patient, today=timezone.localdate())
    answer = doctor.send("prescriptions", doctor.signed(document), key=str(uuid4()))
    if answer.status != 201:
        raise DoorClosed(f"the prescription was refused: {answer.status} {answer.body}")
    return str(answer.body["fse_number"])


@dataclass(slots=True)
class Tour:
    """One walk through all doors, in both languages."""

    base_url: str
    folder: Path
    say: Callable[[str], None]
    album: Album = field(init=False)

    def __post_init__(self) -> None:
        self.album = Album(self.folder, self.say)

    def walk(self) -> Album:
        """Photograph everything; return the album. Raises DoorClosed when there is nothing to see."""
        facts = Facts.read(self.base_url)
        self.folder.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright, studio(playwright, self.base_url) as rooms:
            self._public(rooms)
            self._doctor(rooms, facts)
            self._pharmacist(rooms, facts)
            self._insured(rooms, facts)
            self._office(rooms, facts)
        return self.album

    def _pages(self, visitor: Visitor, pages: dict[str, str]) -> None:
        for screen, path in pages.items():
            for language in LANGUAGES:
                visitor.speak(language)
                self.album.take(visitor.open(path), screen, language)

    def _public(self, rooms: Studio) -> None:
        with rooms.visitor() as anyone:
            pages = {
                "01-landing": "/",
                "02-sign-in": "/compte/login/?next=/cabinet/",
                "03-activation": "/compte/activation/",
                "05-gallery": "/galerie/",
                "06-api": "/api/v1/docs",
                "08-verifier": "/verifier/",
            }
            self._pages(anyone, pages)
            self._refused_sign_in(anyone)
        with rooms.visitor() as officer:
            officer.give_password("auditeur")
            self._pages(officer, {"04-second-factor": "/compte/second-facteur/authenticate/"})
            officer.give_code(kept_of("auditeur")["secret"])
            pages = {
                "61-audit": "/admin/journal/",
                "60-medicines": "/admin/prescriptions/medicine/",
                "62-security": "/compte/second-facteur/",
                "63-invariants": "/admin/verifications/",
                "64-suspended-prescriptions": "/admin/prescriptions/prescription/",
                "65-demoted-alerts": "/admin/prescriptions/safetydemotion/",
                "66-law": "/admin/loi/",
                "67-laws-on-trial": "/admin/claims/shadowlaw/",
                "68-work-set-aside": "/admin/travail/",
                "73-envelopes": "/admin/sync/envelope/",
                "74-incidents": "/admin/sync/incident/",
                "75-outages": "/admin/providers/outage/",
                "76-devices": "/admin/providers/device/",
            }
            self._pages(officer, pages)

    def _refused_sign_in(self, anyone: Visitor) -> None:
        # nobody has this name, another one at each run: the tour locks no account, nor itself out
        nobody = f"personne-{token_hex(2)}"
        for language in LANGUAGES:
            anyone.speak(language)
            page = anyone.open("/compte/login/")
            page.locator("[name=login]").fill(nobody)
            page.locator("[name=password]").fill("rien du tout")
            page.locator("[name=password]").press("Enter")
            page.locator(".notice").wait_for()
            self.album.take(page, "02-sign-in-refused", language)

    def _doctor(self, rooms: Studio, facts: Facts) -> None:
        with rooms.at_own_desk("medecin") as doctor:
            doctor.open("/cabinet/")
            _enrol(doctor.page)
            self._pages(doctor, {"10-doctor-day": "/cabinet/"})
            for language in LANGUAGES:
                doctor.speak(language)
                self._consultation(doctor, language)
            pages = {
                "15-doctor-sent": f"/cabinet/feuilles/{facts.consultation}/",
                "16-doctor-history": "/cabinet/feuilles/",
                "17-doctor-prescriptions": "/cabinet/ordonnances/",
                "18-doctor-requests": "/cabinet/demandes/",
                "19-doctor-settlements": "/cabinet/reglements/",
                "70-queue": "/file-attente/",
                "71-ready-offline": "/postes/hors-ligne/",
                "72-devices": "/postes/",
            }
            self._pages(doctor, pages)

    def _consultation(self, doctor: Visitor, language: str) -> None:
        page = doctor.open("/cabinet/consultation/")
        self.album.take(page, "11-doctor-find", language)
        page.locator("#find-key").fill(papers.DIABETIC)
        page.locator("#find-key").press("Enter")
        page.locator("#persons button").first.wait_for()
        self.album.take(page, "12-doctor-persons", language)
        page.locator("#persons button").first.click()
        for name in MEDICINES:
            _choose(page, "medicine", name)
            page.locator("#rx-lines > li:last-child [data-field=morning]").fill("1")
            page.locator("#rx-lines > li:last-child [data-field=days]").fill("30")
        _choose(page, "act", ACT)
        page.locator("#act-lines [data-field=charged]").fill(CHARGED)
        page.wait_for_load_state("networkidle")
        expect(page.locator("#total-reimbursed")).not_to_have_text("…")
        self.album.take(page, "13-doctor-consultation", language)
        page.locator("#care-edit").click()
        self.album.take(page, "13-doctor-care-profile", language)
        page.locator("#care-cancel").click()
        page.locator("#sign").click()
        page.locator("#review[open]").wait_for()
        self.album.take(page, "14-doctor-review", language)
        page.keyboard.press("Escape")
        page.locator("#change-patient").click()

    def _pharmacist(self, rooms: Studio, facts: Facts) -> None:
        with rooms.at_own_desk("pharmacien") as pharmacist:
            pharmacist.open("/pharmacie/")
            _enrol(pharmacist.page)
            for language in LANGUAGES:
                pharmacist.speak(language)
                self._counter(pharmacist, language, facts.to_dispense)
            pages = {
                "24-counter-history": "/pharmacie/historique/",
                "25-counter-settlements": "/pharmacie/reglements/",
                "26-counter-requests": "/pharmacie/demandes/",
                "27-counter-account": "/compte-bancaire/",
                "28-counter-debts": "/sommes-a-rendre/",
            }
            self._pages(pharmacist, pages)

    def _counter(self, pharmacist: Visitor, language: str, number: str) -> None:
        page = pharmacist.open("/pharmacie/")
        self.album.take(page, "20-counter-empty", language)
        _scan(page, number)
        page.locator("#counter").wait_for()
        for position, boxes in BOXES_FOR[language].items():
            for _box in range(boxes):
                _scan(page, papers.PRESCRIBED[position - 1][0])
            page.locator(f"#lines > tr:nth-child({position}) output:visible").wait_for()
        page.wait_for_load_state("networkidle")
        self.album.take(page, "21-counter-scanned", language)
        _scan(page, papers.NOT_PRESCRIBED)
        page.locator("#refused .is-refused").wait_for()
        self.album.take(page, "22-counter-refused", language)
        page.keyboard.press("F6")
        page.locator("#validate:enabled").wait_for()
        page.keyboard.press("Control+Enter")
        page.locator("#receipt").wait_for()
        self.album.take(page, "23-counter-receipt", language)
        page.locator("#next-patient").click()

    def _insured(self, rooms: Studio, facts: Facts) -> None:
        with rooms.visitor("assuree") as member:
            pages = {
                "30-member-home": "/assure/",
                "31-member-claims": "/assure/dossiers/",
                "32-member-paid": f"/assure/dossiers/{facts.paid_claim}/",
                "34-member-family": "/assure/famille/",
                "36-member-prescriptions": "/assure/ordonnances/",
                "37-member-account": "/assure/compte/",
                "07-another-role": "/cabinet/",
            }
            self._pages(member, pages)
            self._statements(member, facts)
        with rooms.visitor(RETURNED_LOGIN) as member:
            self._pages(member, {"33-member-returned": f"/assure/dossiers/{facts.returned_claim}/"})

    def _statements(self, member: Visitor, facts: Facts) -> None:
        for language in LANGUAGES:
            member.speak(language)
            page = member.open(f"/assure/dossiers/{facts.paid_claim}/")
            link = re.search(r'href="(/assure/decomptes/[^"]+)"', page.content())
            if link is None:
                raise DoorClosed("the paid file has no statement")
            self.album.take_pdf(member.fetch(link.group(1)), "35-member-statement", language)

    def _office(self, rooms: Studio, facts: Facts) -> None:
        doors: dict[str, dict[str, str]] = {
            "controleur": {
                "40-office-desk": "/admin/",
                "41-office-files": "/admin/claims/claim/?queue=held",
                "42-office-file": f"/admin/claims/claim/{facts.held_claim}/change/",
                "43-office-runs": "/admin/liquidation/",
                "44-office-disputes": "/admin/prescriptions/dispensing/",
                "45-office-reversals": "/admin/payments/reversal/",
                "80-fraud-cases": "/admin/fraud/case/",
                "81-fraud-case": f"/admin/fraud/case/{facts.fraud_case}/change/",
                "82-fraud-networks": "/admin/fraude/reseaux/",
                "83-fraud-providers": "/admin/fraude/professionnels/",
                "84-fraud-rules": "/admin/fraude/regles/",
                "85-fraud-rule": f"/admin/fraude/regles/{TRIED}/",
                "86-fraud-nights": "/admin/fraude/nuits/",
            },
            "payeur": {
                "50-batches": "/admin/payments/paymentbatch/",
                "51-batch": f"/admin/payments/paymentbatch/{facts.batch}/change/",
                "52-freeze": "/admin/payments/paymentbatch/geler/",
                "53-ledger": "/admin/grand-livre/",
                "54-calendar": "/admin/payments/paymentday/",
                "55-undue-amounts": "/admin/payments/undueamount/",
                "56-repairs": "/admin/payments/paymentrepair/",
                "57-delays": "/admin/delais/",
                "58-account-changes": "/admin/payments/accountchange/",
            },
        }
        for login, pages in doors.items():
            with rooms.visitor(login) as officer:
                self._pages(officer, pages)


def _enrol(page: Page) -> None:
    """Make of this browser a signing device, once: its profile keeps the key."""
    page.wait_for_load_state("networkidle")
    if page.locator("#device-card").is_visible():
        page.locator("#device-form button[type=submit]").click()
        page.locator("#device-card").wait_for(state="hidden")


def _choose(page: Page, field: str, text: str) -> None:
    page.locator(f"#{field}").fill(text)
    page.locator(f"#{field}-list [aria-selected=true]").wait_for()
    page.locator(f"#{field}").press("Enter")


def _scan(page: Page, code: str) -> None:
    """What a wedge scanner does: it types fast, then presses Enter."""
    page.locator("#scan").focus()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
