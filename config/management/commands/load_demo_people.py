"""`load_demo_people`: invented households of fixtures/demo, with rights, illnesses and accounts.

Nobody of this file exists. Days are written from today (`-20y-3d`), so that a child of three stays
one whenever the demonstration is installed; a household already there is left as it is.
"""

import re
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from core.imports.cells import basis_points
from core.imports.files import Row, read_table
from core.periods import MONTHS_PER_YEAR, add_months
from insured import selectors, services
from insured.models import Insured, Person
from insured.services import NewPerson
from payments.rules import Payee, PayeeKind
from payments.services import open_account

PEOPLE = settings.BASE_DIR / "fixtures" / "demo" / "people.csv"
BY = "system:load_demo_people"
COLUMNS = (
    "registration_number",
    "relation",
    "first_name",
    "last_name",
    "name_ar",
    "birth_date",
    "death_date",
    "sex",
    "cin",
    "student",
    "married",
    "disabled",
    "illness",
    "illness_rate",
    "illness_from",
    "illness_to",
    "scheme",
    "rights_from",
    "rights_to",
    "phone",
    "address",
    "rib",
)
_FROM_TODAY = re.compile(r"(?:([+-]\d+)y)?(?:([+-]\d+)d)?")


class Command(BaseCommand):
    help = "Loads the invented people of the demonstration; refused when DEBUG=0."
    requires_system_checks = ()

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--file", type=Path, default=PEOPLE)

    def handle(self, *, file: Path, **_options: Any) -> None:
        if not getattr(settings, "DEMO_LOGINS", False):
            raise CommandError(
                "Invented people are for a demonstration: DEBUG=0 refuses them. Nothing was written."
            )
        table = read_table(file)
        table.require(COLUMNS)
        at = timezone.now()
        new = 0
        households = groupby(table.rows, key=lambda row: row["registration_number"])
        with transaction.atomic():
            for number, rows in households:
                if not selectors.find_persons(registration_number=number):
                    _load_household(number, list(rows), at)
                    new += 1
        self.stdout.write(f"households: {new} new, {len(table.rows)} persons in the file")


def _load_household(number: str, rows: list[Row], at: datetime) -> None:
    today = timezone.localdate(at)
    holder = rows[0]
    insured = services.register_household(
        registration_number=number,
        persons=[_person(row, today) for row in rows],
        phone=holder["phone"],
        address=holder["address"],
        by=BY,
        at=at,
    )
    first_day = day_from(holder["rights_from"], today)
    services.open_entitlement(
        insured=insured,
        scheme=holder["scheme"],
        first_day=first_day,
        end=_day_or_none(holder["rights_to"], today),
        by=BY,
        at=at,
    )
    name = f"{holder['first_name']} {holder['last_name']}"
    open_account(
        payee=Payee(PayeeKind.INSURED, insured.pk),
        rib=holder["rib"],
        holder=name,
        first_day=first_day,
        by=BY,
        at=at,
    )
    _grant_illnesses(insured, rows, at)


def _person(row: Row, today: date) -> NewPerson:
    return NewPerson(
        relation=row["relation"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        name_ar=row["name_ar"],
        birth_date=day_from(row["birth_date"], today),
        death_date=_day_or_none(row["death_date"], today),
        sex=row["sex"],
        cin=row["cin"],
        student=row["student"] == "1",
        married=row["married"] == "1",
        disabled=row["disabled"] == "1",
    )


def _grant_illnesses(insured: Insured, rows: list[Row], at: datetime) -> None:
    today = timezone.localdate(at)
    persons = {_names(person): person for person in insured.persons.select_related("insured")}
    for row in rows:
        if row["illness"]:
            rate = row["illness_rate"]
            services.grant_illness(
                person=persons[row["first_name"], row["last_name"]],
                illness=row["illness"],
                first_day=day_from(row["illness_from"], today),
                end=_day_or_none(row["illness_to"], today),
                rate_bp=basis_points(rate, "illness_rate") if rate else None,
                by=BY,
                at=at,
            )


def _names(person: Person) -> tuple[str, str]:
    return person.first_name, person.last_name


def day_from(text: str, today: date) -> date:
    """A day written as such, or as years and days from today: "-21y+1d" is tomorrow, 21 years ago."""
    found = _FROM_TODAY.fullmatch(text)
    if not found or not text:
        return date.fromisoformat(text)
    years, days = int(found[1] or 0), int(found[2] or 0)
    return add_months(today, years * MONTHS_PER_YEAR) + timedelta(days=days)


def _day_or_none(text: str, today: date) -> date | None:
    return day_from(text, today) if text else None
