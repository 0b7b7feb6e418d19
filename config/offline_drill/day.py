"""The day of a doctor and two pharmacies: what each step of it writes, hands over and sends."""

import shutil
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from playwright.sync_api import Playwright

from accounts.models import User
from config.demo.doors import Software
from config.drill import papers
from config.drill.country import SYSTEM
from config.drill.papers import Papers
from config.offline_drill import FOLDER
from config.offline_drill.browsers import Post, Refused, Staff, Tab
from config.offline_drill.oracle import Oracle, Promise
from config.offline_drill.site import Site
from core import clock
from core.money import parse_dirhams
from core.signatures import document_hash
from insured.models import Person
from sync.services import make_pack

DOCTOR_PAGE, COUNTER_PAGE = "/cabinet/consultation/", "/pharmacie/"
AGAIN_PERCENT = 10
BACK_PERCENT = 40
ESTIMATED_PERCENT = 60
# The pack and the engine are some megabytes; milliseconds.
MORNING = 600_000
OF_THE_DEVICE = ("device", "fse_number")

Json = dict[str, Any]
Doer = Post | Tab


@dataclass(frozen=True)
class Paper:
    """A prescription as its paper goes from hand to hand: its number, for whom, its code."""

    number: str
    patient: str
    code: str


@dataclass
class Day:
    """The posts of a day, the papers in people's hands, and what screens promised."""

    site: Site
    draw: Random
    doctor: Post
    pharmacies: list[Post]
    oracle: Oracle = field(default_factory=Oracle)
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _papers: list[Paper] = field(default_factory=list)
    _seen: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._writer = Papers(self.site.country)
        self._persons = {str(each.pk): each for each in Person.objects.all()}

    @property
    def posts(self) -> list[Post]:
        return [self.doctor, *self.pharmacies]

    def begin(self) -> None:
        """One visit with the network: device, the server's time and keys, pack, engine, the patients."""
        make_pack(by=SYSTEM, at=clock.now())
        for post in self.posts:
            post.open()
            post.kid = post.do("enrol")["kid"]
            post.do("anchor")
            self._seen[post.name] = post.do(
                "morning", patients=self.site.country.patients, patience=MORNING
            )

    def anybody(self, *, papers: int = 1) -> Post:
        """Whose turn it is: a pharmacy has nothing to do before somebody brings so many papers."""
        post = self.draw.choice(self.posts)
        return post if post is self.doctor or len(self._papers) >= papers else self.doctor

    def write(self) -> str:
        """Have one document written and kept."""
        post = self.anybody()
        return self.keep(post, self.next_document(post))

    def keep(self, doer: Doer, what: Json, *, deed: str = "keep") -> str:
        """Have a post keep this document; what the page calls kept is a promise."""
        try:
            kept = doer.do(deed, **what)
        except Refused as refusal:
            self.counts["not_kept"] += 1
            return f"not kept: {str(refusal).splitlines()[0]}"
        self._promised(kept)
        return what["kind"]

    def send(self, post: Post | None = None) -> str:
        """Send by hand what waits at a post, after a fresh word of the server if there is one.

        Whoever sends by hand has often seen that the network is back.
        """
        post = post or self.draw.choice(self.posts)
        if self.draw.randrange(100) < BACK_PERCENT:
            self.site.network.cut = False
            post.go_offline(False)
        post.do("anchor")
        answer = post.do("drain")
        return f"{answer['waiting']} waiting, {answer['told'] or 'nothing wrong'}"

    def next_document(self, post: Post) -> Json:
        """Return what a post writes now, as in_page.js takes it."""
        if post is not self.doctor:
            return self._with_facts(post, self._dispensing(post))
        if self.draw.random() < 0.5:
            return self._prescription()
        return self._with_facts(post, self._care())

    def _with_facts(self, post: Post, what: Json) -> Json:
        """Have the engine judge it where the patient was seen this morning, and somebody looks."""
        looked_at = self.draw.randrange(100) < ESTIMATED_PERCENT
        known = self._seen[post.name].get(what["content"]["patient"])
        return {**what, "seen": known if looked_at else None}

    def _promised(self, kept: Json) -> None:
        """Remember what a screen called kept; a prescription's paper goes to the patient."""
        document = kept["document"]
        self.oracle.promised(
            Promise(
                kept["envelope"],
                kept["device"],
                kept["sequence"],
                kept["kind"],
                document_hash(document),
                *_shown(kept["shown"]),
            )
        )
        self.counts[f"kept_{kept['kind']}"] += 1
        if kept["code"]:
            self._papers.append(Paper(document["fse_number"], document["patient"], kept["code"]))

    def _care(self) -> Json:
        return self._asked("care_claim", self._writer.care(self.draw, self.doctor.staff.software))

    def _prescription(self) -> Json:
        patient = self.draw.choice(self.site.country.patients)
        document = papers.prescription(self.doctor.staff.software, patient, "")
        person = self._persons[patient]
        printed = {
            "full_name": f"{person.first_name} {person.last_name}",
            "birth_date": person.birth_date.isoformat(),
        }
        return {**self._asked("prescription", document), "patient": printed}

    def _dispensing(self, post: Post) -> Json:
        place = self.draw.randrange(len(self._papers))
        again = self.draw.randrange(100) < AGAIN_PERCENT
        paper = self._papers[place] if again else self._papers.pop(place)
        document = papers.dispensing(post.staff.software, paper.patient, paper.number)
        return {**self._asked("dispensing", document, number=paper.number), "copied": paper.code}

    def _asked(self, kind: str, document: Json, number: str | None = None) -> Json:
        content = {name: value for name, value in document.items() if name not in OF_THE_DEVICE}
        if number is not None:
            content["fse_number"] = number
        person = self._persons[document["patient"]]
        name = f"{person.first_name} {person.last_name}"
        return {"kind": kind, "content": content, "name": name}


def _shown(shown: Json | None) -> tuple[int | None, tuple[str, ...]]:
    """The amount on the screen, in centimes, and the reasons it gave."""
    if shown is None:
        return None, ()
    return parse_dirhams(shown["amount"]), tuple(shown["reasons"])


def posts_of(site: Site, playwright: Playwright) -> tuple[Post, list[Post]]:
    """The doctor's post and the pharmacies', each with an empty profile on disk."""
    profiles = FOLDER / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)

    def post(software: Software, path: str) -> Post:
        user = User.objects.get(memberships__provider__inpe=software.inpe)
        return Post(
            Staff(user, software, path),
            folder=profiles / software.inpe,
            cable=site.network.cable(),
            launch=playwright.chromium.launch_persistent_context,
        )

    (doctor,) = site.country.doctors
    return post(doctor, DOCTOR_PAGE), [post(each, COUNTER_PAGE) for each in site.country.pharmacies]
