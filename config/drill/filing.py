"""Practices that file claims over HTTP, send again until answered, and keep every receipt."""

import json
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus, client
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from config.demo.doors import Answer, Software
from config.drill import papers
from config.drill.country import CEILING_ACT, Country
from config.drill.papers import Document, Papers
from core.signatures import document_hash

FILERS = 3
PAUSE_SECONDS = 0.15
AGAIN_SECONDS = 0.3
# After the drill asked to stop, a request is sent again this long at most.
LAST_SECONDS = 60.0
NO_ANSWER = (urllib.error.URLError, OSError, client.HTTPException, ValueError)


@dataclass(frozen=True)
class Sent:
    """One request that was acknowledged: enough to send it again."""

    software: Software
    path: str
    body: Document
    key: str
    answer: Document


class Filing:
    """Threads that file until stopped. Counts are whole when `stop` has returned."""

    def __init__(self, country: Country, *, seed: int, receipts: Path) -> None:
        self.country = country
        self._papers = Papers(country)
        self.acknowledged: dict[str, str] = {}
        self.counts: Counter[str] = Counter()
        self.last: Sent | None = None
        self._receipts = receipts.open("w")
        self._seed = seed
        self._guard = threading.Lock()
        self._stop_at: float | None = None
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the practices."""
        for number in range(FILERS):
            draw = Random(f"{self._seed} {number}")
            thread = threading.Thread(target=self._work, args=(draw,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Stop filing, once every request under way is answered or given up."""
        self._stop_at = time.monotonic()
        for thread in self._threads:
            thread.join()
        self._receipts.close()

    def _work(self, draw: Random) -> None:
        deeds: tuple[Callable[[Random], None], ...] = (
            self.file_care,
            self.file_twins,
            self.file_at_a_ceiling,
            self.prescribe_and_dispense,
        )
        while self._stop_at is None:
            draw.choices(deeds, weights=(84, 6, 6, 4))[0](draw)
            time.sleep(draw.uniform(0, 2 * PAUSE_SECONDS))

    def file_care(self, draw: Random, charged: str | None = None) -> None:
        """File one claim of care."""
        doctor = draw.choice(self.country.doctors)
        self._file(doctor, "claims", self._papers.care(draw, doctor, charged=charged))

    def file_twins(self, draw: Random) -> None:
        """Send one document twice at once, under two keys: one claim must answer both."""
        doctor = draw.choice(self.country.doctors)
        body = doctor.signed(self._papers.care(draw, doctor))
        answers = _at_once(*(lambda: self._insist(doctor, "claims", body) for _ in range(2)))
        self._count_pair("twins", len({_claim_of(answer) for answer in answers}) == 1)

    def file_at_a_ceiling(self, draw: Random) -> None:
        """File two claims that one ceiling cannot hold both, at once; I7 says whether it held."""
        with self._guard:
            patient = self.country.at_a_ceiling.pop() if self.country.at_a_ceiling else None
        if patient is None:
            return
        first, second = draw.sample(self.country.doctors, 2)
        answers = _at_once(
            *(
                lambda doctor=doctor: self._file(
                    doctor,
                    "claims",
                    self._papers.care(
                        draw, doctor, patient=patient, act=CEILING_ACT, charged="9000.00"
                    ),
                )
                for doctor in (first, second)
            )
        )
        self._count_pair("ceilings", None not in answers)

    def prescribe_and_dispense(self, draw: Random) -> None:
        """Prescribe two boxes; two pharmacies hand both over at once: one may."""
        doctor, patient = draw.choice(self.country.doctors), draw.choice(self.country.patients)
        number = doctor.mint()
        prescribed = papers.prescription(doctor, patient, number)
        if self._insist(doctor, "prescriptions", doctor.signed(prescribed)) is None:
            return
        _at_once(
            *(
                lambda shop=shop: self._file(
                    shop, "dispensings", papers.dispensing(shop, patient, number)
                )
                for shop in self.country.pharmacies
            )
        )

    def send_again(self, times: int) -> bool:
        """Send the last acknowledged request again at once, and once under another key.

        Tell whether every answer was the first one's claim.
        """
        sent = self.last
        if sent is None:
            return True
        again = [sent.key] * times + [str(uuid4())]
        answers = _at_once(
            *(
                lambda key=key: self._insist(sent.software, sent.path, sent.body, key=key)
                for key in again
            )
        )
        same = {_claim_of(answer) for answer in answers} == {sent.answer["id"]}
        self._count_pair("duplicates", same)
        return same

    def _file(self, software: Software, path: str, document: Document) -> Answer | None:
        return self._insist(software, path, software.signed(document))

    def _insist(
        self, software: Software, path: str, body: Document, *, key: str | None = None
    ) -> Answer | None:
        """Send until something final is answered; an acknowledged claim is noted at once."""
        key = key or str(uuid4())
        while self._stop_at is None or time.monotonic() < self._stop_at + LAST_SECONDS:
            try:
                answer = software.send(path, body, key=key)
            except NO_ANSWER:
                self.counts["unanswered"] += 1
                time.sleep(AGAIN_SECONDS)
                continue
            if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                self.counts[f"status_{answer.status}"] += 1
                time.sleep(AGAIN_SECONDS)
                continue
            return self._noted(Sent(software, path, body, key, answer.body), answer)
        return None

    def _noted(self, sent: Sent, answer: Answer) -> Answer | None:
        if answer.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
            self.counts[f"refused_{answer.body.get('code', answer.status)}"] += 1
            return None
        if sent.path != "prescriptions":
            digest = document_hash(sent.body["document"])
            with self._guard:
                self.acknowledged[digest] = answer.body["id"]
                self._receipts.write(json.dumps([digest, answer.body["id"]]) + "\n")
                self._receipts.flush()
                self.last = sent
        return answer

    def _count_pair(self, name: str, held: bool) -> None:
        with self._guard:
            self.counts[f"pairs_{name}"] += 1
            self.counts[f"pairs_{name}_failed"] += not held


def _claim_of(answer: Answer | None) -> str | None:
    return answer.body["id"] if answer is not None else None


def _at_once(*calls: Callable[[], Any]) -> list[Any]:
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        barrier.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
