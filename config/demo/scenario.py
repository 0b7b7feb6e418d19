"""The scenario of the demonstration: from prescription to payment, through the API and the pages.

Each paper is written in the journal before it is sent, under a key of its own: killed anywhere, the
scenario played again sends the same bytes, and the site answers with what it already did.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from claims.models import Claim
from config.demo import papers, past
from config.demo.doors import Answer, Browser, DoorClosed, Software, wait_for
from config.demo.journal import Journal
from config.demo.logins import Keyring, software_of
from config.demo.papers import FRAUDS, TWENTY, Filed
from core.money import format_dirhams
from fraud.models import Case, NightRun
from payments.gateways.demo_bank import demo_bank_answer, demo_bank_signature
from payments.models import PaymentBatch, PaymentOrder
from prescriptions.rules.code import PrintedPatient

SCREENING_SECONDS = 60
NIGHT_SECONDS = 60
NOTE = "Le cabinet est appelé ; son agenda des jours en cause est demandé."
PEOPLE_WAIT = ("SUBMITTED", "ADJUDICATED")


@dataclass(slots=True)
class Scenario:
    """One telling of the story against a running site."""

    base_url: str
    say: Callable[[str], None]
    journal: Journal = field(default_factory=Journal.open)
    seconds: dict[str, float] = field(default_factory=dict)
    people: dict[str, Browser] = field(default_factory=dict)

    def play(self) -> None:
        """Play every step in order; a step already played is recognised by the site, not by us."""
        with self._step("past", "Trois mois d’avant : des dossiers que la nuit doit retrouver"):
            self._tell_the_past()
        with self._step("prescription", "Le médecin prescrit et facture sur le même numéro FSE"):
            number = self._prescribe()
        with self._step(
            "dispensing", "Le pharmacien délivre, en tiers payant, puis le reste ailleurs"
        ):
            self._dispense(number)
        with self._step("claims", "Vingt autres demandes arrivent par l’API, dont trois fraudes"):
            self._file_twenty()
        with self._step("screening", "Rien ne part sans contrôle : les fraudes sont suspendues"):
            self._wait_for_screening()
        with self._step("review", "Un agent lève une suspension et en refuse une autre"):
            self._review()
        with self._step(
            "payment", "Bordereau gelé, approuvé par une autre personne, payé, un rejet"
        ):
            self._pay()
        with self._step("following", "L’assurée suit son dossier et télécharge son décompte"):
            self._follow()
        with self._step(
            "night", "La nuit relit tout l’historique ; un contrôleur prend un dossier"
        ):
            self._pass_the_night()

    @contextmanager
    def _step(self, name: str, words: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 2)
        self.say(f"  ✓ {words} ({self.seconds[name]:.1f} s)")

    @property
    def _today(self) -> date:
        return date.fromisoformat(
            self.journal.keep("today", lambda: timezone.localdate().isoformat())
        )

    def _software(self, login: str) -> Software:
        return software_of(login, base_url=self.base_url, at=timezone.now())

    def _send(
        self,
        name: str,
        software: Software,
        path: str,
        make: Callable[[], dict[str, Any]],
        printed: PrintedPatient | None = None,
    ) -> Answer:
        """Send one paper, kept in the journal before the first byte leaves."""
        kept = self.journal.keep(
            name, lambda: {"key": str(uuid4()), "body": software.signed(make(), printed)}
        )
        return software.send(path, kept["body"], key=kept["key"])

    def _receive(
        self,
        name: str,
        software: Software,
        path: str,
        make: Callable[[], dict[str, Any]],
        printed: PrintedPatient | None = None,
    ) -> dict[str, Any]:
        answer = self._send(name, software, path, make, printed)
        if answer.status != 201:
            raise DoorClosed(f"{name}: {answer.status} {answer.body}")
        return answer.body

    def _prescribe(self) -> str:
        doctor = self._software("medecin")
        patient = papers.person_of(papers.DIABETIC)
        rights = doctor.ask(
            "rights-checks", {"cin": papers.DIABETIC, "day": self._today.isoformat()}
        )
        if not rights["persons"][0]["rights"]["open"]:
            raise DoorClosed(f"rights of the diabetic patient should be open: {rights}")
        written = self._receive(
            "prescription",
            doctor,
            "prescriptions",
            lambda: papers.prescription(doctor, patient, today=self._today),
            PrintedPatient(patient.full_name, patient.birth_date),
        )
        number = str(written["fse_number"])
        consultation = Filed(
            "consultation", "medecin", papers.DIABETIC, (("C", 1, "200.00"),), 0, "E11"
        )
        self._receive(
            "consultation",
            doctor,
            "claims",
            lambda: papers.care(doctor, consultation, today=self._today, fse_number=number),
        )
        return number

    def _dispense(self, number: str) -> None:
        pharmacy = self._software("pharmacien")
        patient = papers.person_of(papers.DIABETIC)
        self._refuse_what_was_not_prescribed(pharmacy, number)
        for name, login, boxes in (
            ("dispensing", "pharmacien", papers.AT_ONCE),
            ("rest", "pharmacienne", papers.LATER),
        ):
            shop = self._software(login)
            lines = [self._line(shop, position, count) for position, count in boxes.items()]
            self._receive(
                name,
                shop,
                "dispensings",
                lambda shop=shop, lines=lines: papers.dispensing(
                    shop, patient, number, lines, today=self._today
                ),
            )

    def _refuse_what_was_not_prescribed(self, pharmacy: Software, number: str) -> None:
        if "dispensing" in self.journal.content:
            return
        line = (1, papers.NOT_PRESCRIBED, 1, "37.20")
        patient = papers.person_of(papers.DIABETIC)
        document = papers.dispensing(pharmacy, patient, number, [line], today=self._today)
        answer = pharmacy.send("dispensings", pharmacy.signed(document))
        codes = [error["code"] for error in answer.body.get("errors", [])]
        if (answer.status, codes) != (422, ["NOT_PRESCRIBED"]):
            raise DoorClosed(f"what was not prescribed should be refused: {answer}")

    def _line(self, shop: Software, position: int, boxes: int) -> tuple[int, str, int, str]:
        ean = papers.PRESCRIBED[position - 1][0]
        medicine = shop.get(f"medicines/{ean}?day={self._today.isoformat()}")
        price = int(str(medicine["price"]["public"]).replace(".", ""))
        return position, ean, boxes, format_dirhams(price * boxes)

    def _file_twenty(self) -> None:
        for filed in (*TWENTY, *FRAUDS):
            software = self._software(filed.login)
            first = self._send(
                filed.name,
                software,
                "claims",
                lambda filed=filed, software=software: papers.care(
                    software, filed, today=self._today
                ),
            )
            if first.status != 201:
                raise DoorClosed(f"{filed.name}: {first.status} {first.body}")
            if filed.name == "envoyée deux fois":
                self._check_same_answer(filed.name, software, first)

    def _check_same_answer(self, name: str, software: Software, first: Answer) -> None:
        kept = self.journal.content[name]
        again = software.send("claims", kept["body"], key=kept["key"])
        if not again.replayed or (again.status, again.body) != (first.status, first.body):
            raise DoorClosed(f"the same key should give the same answer: {first} then {again}")

    def _wait_for_screening(self) -> None:
        wait_for(
            "the screening of every claim",
            lambda: not Claim.objects.filter(state__in=PEOPLE_WAIT).exists(),
            seconds=SCREENING_SECONDS,
        )

    def _review(self) -> None:
        officer = self._person("controleur")
        decisions = (
            (FRAUDS[0], "lever", "Deux consultations le même jour, confirmées par le cabinet."),
            (FRAUDS[1], "refuser", "Le patient était décédé le jour du soin."),
        )
        for filed, verdict, reason in decisions:
            claim = self._claim_of(filed)
            if claim.state == "HELD":
                page = f"/admin/claims/claim/{claim.pk}/change/"
                action = f"/admin/claims/claim/{claim.pk}/{verdict}/"
                officer.submit(page, {"reason": reason}, action=action)
        states = [self._claim_of(filed).state for filed, _verdict, _reason in decisions]
        if states[0] == "HELD" or states[1] != "DENIED":
            raise DoorClosed(f"the agent's decisions were not taken: {states}")

    def _claim_of(self, filed: Filed) -> Claim:
        number = self.journal.content[filed.name]["body"]["document"]["fse_number"]
        return Claim.objects.get(sheet__fse_number=number)

    def _pay(self) -> None:
        payer = self._person("payeur")
        if not PaymentBatch.objects.exists():
            payer.submit("/admin/payments/paymentbatch/geler/", {})
        batch = PaymentBatch.objects.order_by("prepared_at").first()
        if batch is None:
            raise DoorClosed("no batch was frozen")
        page = f"/admin/payments/paymentbatch/{batch.pk}/"
        if batch.state == "FROZEN":
            self._person("payeuse").submit(f"{page}change/", {}, action=f"{page}approuver/")
        transfers = payer.submit(f"{page}change/", {}, action=f"{page}fichier/").encode()
        answer = self.journal.keep(
            "bank answer", lambda: self._bank(transfers, batch, at=timezone.now()).decode()
        ).encode()
        for _again in range(2):
            payer.submit(
                f"{page}change/",
                {},
                action=f"{page}reponse/",
                files=[
                    ("answer", "reponse.xml", answer),
                    ("signature", "reponse.xml.sig", demo_bank_signature(answer).encode()),
                ],
            )

    def _bank(self, transfers: bytes, batch: PaymentBatch, *, at: datetime) -> bytes:
        """The bank executes every transfer but the one of the person whose account was closed."""
        patient = papers.person_of(papers.RETURNED)
        order = PaymentOrder.objects.get(batch=batch, insured_id=patient.insured_id)
        return demo_bank_answer(transfers, at=at, returned=[order.reference])

    def _follow(self) -> None:
        member = self._person("assuree")
        home = member.open("/assure/dossiers/")
        found = re.search(r'href="(/assure/dossiers/[0-9a-f-]{36}/)"', home)
        if found is None:
            raise DoorClosed("the insured person sees no file")
        number = self.journal.content["consultation"]["body"]["document"]["fse_number"]
        claim = Claim.objects.get(sheet__fse_number=number, kind="CARE")
        story = member.open(f"/assure/dossiers/{claim.pk}/")
        link = re.search(r'href="(/assure/decomptes/[^"]+)"', story)
        if link is None or not member.fetch(link.group(1)).startswith(b"%PDF"):
            raise DoorClosed("the statement of the paid consultation is missing")

    def _tell_the_past(self) -> None:
        agent, officer = (User.objects.get(username=name) for name in ("agent", "controleuse"))
        past.tell(self.journal, agent=agent, officer=officer, now=timezone.now())

    def _pass_the_night(self) -> None:
        """Started from the page, done by a worker; then the strongest case is taken, with a note."""
        officer, page = self._person("controleur"), "/admin/fraude/nuits/"
        if not NightRun.objects.exists():
            officer.submit(page, {"scope": "FULL"}, action=f"{page}lancer/")
        wait_for(
            "the end of the night",
            lambda: NightRun.objects.filter(state="DONE").exists(),
            seconds=NIGHT_SECONDS,
        )
        case = Case.objects.filter(kind=Case.Kind.PROVIDER).order_by("-score_bp").first()
        if case is None:
            raise DoorClosed("the night opened no case")
        if case.state == "OPEN":
            page = f"/admin/fraud/case/{case.pk}/"
            officer.submit(f"{page}change/", {}, action=f"{page}prendre/")
            officer.submit(f"{page}change/", {"text": NOTE}, action=f"{page}noter/")

    def _person(self, login: str) -> Browser:
        """Sign a person in, once a scenario: a second-factor code serves once."""
        if login not in self.people:
            self.people[login] = self._signed_in(login)
        return self.people[login]

    def _signed_in(self, login: str) -> Browser:
        browser = Browser(self.base_url)
        kept = Keyring.open().of(login)
        code = (lambda: _code(login)) if "secret" in kept else None
        browser.sign_in(login, kept["password"], code)
        return browser


def _code(login: str) -> str:
    from io import StringIO

    out = StringIO()
    call_command("demo_code", login, stdout=out)
    return out.getvalue().strip()
