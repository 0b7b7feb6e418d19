"""`bench search`: a search of the medicine list as the doctor's page asks it, beside a bare `SELECT 1`.

Both go through the whole site in this process, one after the other in one run. What is missing of a list of
5,917 medicines is made from the lists at hand inside a transaction that is rolled back.
"""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client, override_settings

from accounts.models import Role, User
from config.bench.measuring import percentile
from core.record_keys import new_key
from core.search import searchable
from prescriptions.models import Medicine, MedicinePrice

# The official list of reimbursable medicines, its 2014 edition.
LIST_SIZE = 5_917
LETTERS = "abcdefghilmnoprstuv"
WARM_UP = 20
TYPED = 3
HALF, MOST, THOUSAND = 0.5, 0.95, 1000
OPENED = date(2026, 1, 1)
SEED = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """One kind of search: what is typed each time."""

    name: str
    texts: tuple[str, ...]


def run(*, requests: int, rounds: int) -> dict[str, Any]:
    """Measure `requests` searches of each kind a round, and as many bare requests; milliseconds."""
    draw = Random(SEED)
    with transaction.atomic():
        _fill(draw)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE prescriptions_medicine, prescriptions_medicineprice")
        kinds = _kinds(draw, requests)
        with override_settings(ROOT_URLCONF="config.bench.urls", ALLOWED_HOSTS=["*"]):
            told = _measure(kinds, requests, rounds)
        told["medicines"] = Medicine.objects.count()
        transaction.set_rollback(True)
    return told


def _measure(kinds: list[Asked], requests: int, rounds: int) -> dict[str, Any]:
    client = Client(headers={"host": "localhost"})
    client.force_login(_doctor(), backend=settings.AUTHENTICATION_BACKENDS[-1])
    seconds: dict[str, list[float]] = {kind.name: [] for kind in kinds}
    bare: list[float] = []
    for each in range(WARM_UP):
        _ask(client, kinds[each % len(kinds)].texts[0])
        _select(client)
    for _round in range(rounds):
        for kind in kinds:
            seconds[kind.name] += [_ask(client, text) for text in kind.texts]
        bare += [_select(client) for _each in range(requests)]
    every = [each for kind in kinds for each in seconds[kind.name]]
    return {
        "requests": requests,
        "rounds": rounds,
        "search": _figures(every),
        "select_1": _figures(bare),
        "ratio_median": round(percentile(every, HALF) / percentile(bare, HALF), 2),
        "ratio_p95": round(percentile(every, MOST) / percentile(bare, MOST), 2),
        "kinds": {name: _figures(each) for name, each in seconds.items()},
    }


def _figures(seconds: list[float]) -> dict[str, float]:
    return {
        "median_ms": round(percentile(seconds, HALF) * THOUSAND, 2),
        "p95_ms": round(percentile(seconds, MOST) * THOUSAND, 2),
    }


def _ask(client: Client, text: str) -> float:
    start = time.perf_counter()
    answer = client.get("/api/v1/medicines", {"q": text})
    taken = time.perf_counter() - start
    if answer.status_code != 200:
        raise RuntimeError(f"the search answered {answer.status_code}")
    return taken


def _select(client: Client) -> float:
    start = time.perf_counter()
    client.get("/bench/select")
    return time.perf_counter() - start


def _doctor() -> User:
    return User.objects.create(
        username="bench-search", full_name="Banc", role=Role.PRESCRIBER, is_active=True
    )


def _kinds(draw: Random, requests: int) -> list[Asked]:
    """Three letters of a brand, an INN, an INN with one letter wrong, the first digits of a code."""
    rows = list(Medicine.objects.exclude(inn="").values_list("name", "inn", "ean"))

    def some(make: Any) -> tuple[str, ...]:
        return tuple(make(*draw.choice(rows)) for _each in range(requests))

    def misspelt(_name: str, inn: str, _ean: str) -> str:
        word = searchable(inn).split()[0][:12]
        place = draw.randrange(len(word))
        return word[:place] + draw.choice(LETTERS) + word[place + 1 :] + "e"

    return [
        Asked("three letters", some(lambda name, _inn, _ean: searchable(name)[:TYPED])),
        Asked("brand", some(lambda name, _inn, _ean: name.split()[0])),
        Asked("inn", some(lambda _name, inn, _ean: inn[:20])),
        Asked("misspelt inn", some(misspelt)),
        Asked("ean", some(lambda _name, _inn, ean: ean[:10])),
    ]


def _fill(draw: Random) -> None:
    """Complete the list: brands that do not exist, of the substances and forms of the list."""
    known = list(Medicine.objects.all())
    if not known:
        raise RuntimeError("the medicine list is empty: import it first (load_reference)")
    missing = LIST_SIZE - len(known)
    if missing <= 0:
        return
    made = [_invented(draw, like, number) for number, like in _turns(known, missing)]
    Medicine.objects.bulk_create(made, batch_size=1000)
    MedicinePrice.objects.bulk_create(
        (
            MedicinePrice(
                medicine=each,
                period=DateRange(OPENED, None),
                public_price_centimes=draw.randrange(1_000, 90_000),
                base_price_centimes=draw.randrange(1_000, 60_000),
                list_rate_bp=7_000,
                source="bench",
            )
            for each in made
        ),
        batch_size=1000,
    )


def _turns(known: list[Medicine], count: int) -> Iterator[tuple[int, Medicine]]:
    return enumerate(itertools.islice(itertools.cycle(known), count))


def _invented(draw: Random, like: Medicine, number: int) -> Medicine:
    name = "".join(draw.choice(LETTERS) for _each in range(7)).upper()
    return Medicine(
        id=new_key(),
        ean=f"2{number:012d}",
        ean_check_is_right=False,
        name=name,
        inn=like.inn,
        strength=like.strength,
        strength_unit=like.strength_unit,
        form=like.form,
        presentation=like.presentation,
        kind=like.kind,
        search_text=searchable(name, like.inn),
    )
