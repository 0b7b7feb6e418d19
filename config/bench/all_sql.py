"""The same rules in one set of SQL statements (`all_sql.sql`): the oracle of agreement and of speed."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg.types.range import Range

from claims.adjudication.law import IN_FORCE, SINGLE, Law
from claims.selectors import law
from config.bench import product
from config.bench.product import Done
from config.bench.town import RECEIVED

# Tables of one session: what is under judgement. They are emptied by each commit.
SCRATCH = """
CREATE TEMP TABLE IF NOT EXISTS taken (
    claim_id uuid, decision_id uuid, insured_id uuid, patient_id uuid, received_date date,
    treatment_end_date date, excused boolean, decision_n smallint, received_at timestamptz,
    provider_id uuid
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS judged (
    id uuid, claim_id uuid, position smallint, insured_id uuid, patient_id uuid, provider_id uuid,
    care_date date, quantity smallint, charged bigint, received_at timestamptz, letter text,
    ceiling text, frequency text, approval_id uuid, tariff bigint, base bigint, rate int,
    reimbursed bigint, denial text, halved text, capped text, at_ceiling text, full_tariff bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS outcome (
    claim_id uuid, decision_id uuid, insured_id uuid, n smallint, outcome text,
    needs_review boolean, charged bigint, reimbursed bigint, lines int
) ON COMMIT DELETE ROWS
"""
LAW_TABLES = """
CREATE SCHEMA IF NOT EXISTS bench;
DROP TABLE IF EXISTS bench.law, bench.law_letter, bench.law_minutes, bench.law_ceiling,
    bench.law_frequency;
CREATE TABLE bench.law (
    filing_months int, continuous_treatment_days int, age_child int, age_student int,
    age_majority int, rate_standard int, rate_illness_public int, rate_tadamon_public int,
    factor_first int, factor_second int, factor_further int, accumulated text[]
);
CREATE TABLE bench.law_letter (letter text, sector text, period daterange, value bigint);
CREATE TABLE bench.law_minutes (letter text, minutes int);
CREATE TABLE bench.law_ceiling (name text, centimes bigint, months int);
CREATE TABLE bench.law_frequency (name text, minor boolean, uses_allowed int, months int)
"""


def write_law() -> None:
    """Write the law in force into the tables the SQL reads."""
    ours, today = law(), law().at(RECEIVED)
    with connection.cursor() as cursor:
        cursor.execute(LAW_TABLES)
        cursor.execute(
            "INSERT INTO bench.law VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                today.delay("filing_months"),
                today.delay("continuous_treatment_days"),
                *(today.age(name) for name in ("child", "student", "majority")),
                *(
                    today.rate(name)
                    for name in ("standard_act", "long_illness_public", "tadamon_public")
                ),
                *today.accumulation_factors(),
                sorted(today.accumulated_letters()),
            ],
        )
        for row in _letter_values(ours):
            cursor.execute("INSERT INTO bench.law_letter VALUES (%s, %s, %s, %s)", row)
        for letter in {row[0] for row in _letter_values(ours)}:
            minutes = today.act_minutes(letter)
            cursor.execute("INSERT INTO bench.law_minutes VALUES (%s, %s)", [letter, minutes])
        for name in ours.ceiling_names():
            rule = today.ceiling(name)
            cursor.execute(
                "INSERT INTO bench.law_ceiling VALUES (%s, %s, %s)",
                [name, rule.amount_centimes, rule.period_months],
            )
        for name in ours.frequency_names():
            for minor in (True, False):
                uses = today.frequency(name, minor=minor)
                cursor.execute(
                    "INSERT INTO bench.law_frequency VALUES (%s, %s, %s, %s)",
                    [name, minor, uses.limit, uses.period_months],
                )
        for table in ("law", "law_letter", "law_minutes", "law_ceiling", "law_frequency"):
            cursor.execute(f"ANALYZE bench.{table}")


def _letter_values(ours: Law) -> Iterator[tuple[str, str, Range[date], int]]:
    """Each value a key letter has had: letter, sector, days, centimes."""
    for key in sorted(set(ours.keys())):
        if not key.startswith("key_letters."):
            continue
        _family, letter, sector = key.split(".")
        values = [each for each in ours.parameter(key).values if each.status == IN_FORCE]
        for value, following in pairwise([*values, None]):
            end = following.first_day if following else None
            if value is not None and value.numbers is not None:
                numbers = dict(value.numbers)
                yield letter, sector, Range(value.first_day, end, "[)"), numbers[SINGLE]


def statements() -> list[str]:
    """The statements, each for one `execute`; new keys as this server draws them."""
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    new_key = (
        "uuidv7()"
        if connection.cursor().connection.info.server_version >= 180000
        else ("gen_random_uuid()")
    )
    parts = [part.strip() for part in text.replace("{new_key}", new_key).split(";\n")]
    return [part for part in parts if part]


def open_run(town: int) -> None:
    """Queue a town's claims as the product does; its messages are the batches of SQL too."""
    product.open_run(town)
    with connection.cursor() as cursor:
        cursor.execute(SCRATCH)


def work_off(facts_bytes: int, steps_bytes: int) -> Done:
    """Settle message after message by the statements, one transaction each."""
    given: dict[str, Any] = {
        "at": product.NOW,
        "actor": product.ACTOR,
        "law": product.law_key(),
        "subscriber": settings.SUBSCRIPTIONS["claims.claim.adjudicated"][0],
        "facts_bytes": facts_bytes,
        "steps_bytes": steps_bytes,
    }
    commands = statements()
    started, batches = product.watch(), 0
    while messages := product.lease():
        with transaction.atomic(), connection.cursor() as cursor:
            claims = [key for message in messages for key in message.subject_ids]
            for command in commands:
                cursor.execute(command, {**given, "claims": claims})
            cursor.execute(
                "UPDATE core_outboxmessage SET done_at = %s, leased_until = NULL,"
                " lease_token = NULL WHERE id = ANY(%s)",
                [product.NOW, [message.id for message in messages]],
            )
        batches += 1
    effort = started.stop()
    return Done(effort, started.at, started.at + effort.seconds, batches)


def close() -> None:
    """End the run."""
    product.close()
