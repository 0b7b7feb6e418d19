"""The history as the warehouse reads it: copied from PostgreSQL under the keys of its rows, no name.

Claims refused, withdrawn or reversed when they are copied are left out: they take no money.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db import connection

from claims.selectors import law
from fraud.gateways.warehouse import Warehouse

ROWS_A_TIME = 20_000
# `since` is null for the whole history; `until` is not included.
CHANGED = """
    changed AS (
        SELECT c.id, c.provider_id, c.patient_id, c.device_id, c.received_at, s.fse_number,
               d.prescription_id
        FROM claims_claim c
        JOIN claims_caresheet s ON s.id = c.sheet_id
        LEFT JOIN prescriptions_dispensing d ON d.id = c.dispensing_id
        WHERE c.received_date < %(until)s
          AND (%(since)s::date IS NULL OR c.received_date >= %(since)s::date)
          AND c.state NOT IN ('DENIED', 'CANCELLED', 'REVERSED')
    )"""
REGION = """
    coalesce(t3.name_fr, t2.name_fr, t1.name_fr, '')"""
# In the order of the warehouse's columns.
TABLES: dict[str, str] = {
    "providers": f"""
        SELECT p.id::text, p.kind, p.speciality, p.sector, {REGION}, NULL, NULL,
               min(lower(a.period)), max(upper(a.period)), NULL, NULL
        FROM providers_provider p
        LEFT JOIN providers_territory t1 ON t1.id = p.territory_id
        LEFT JOIN providers_territory t2 ON t2.id = t1.parent_id
        LEFT JOIN providers_territory t3 ON t3.id = t2.parent_id
        LEFT JOIN providers_agreementperiod a ON a.provider_id = p.id
        WHERE p.id IN (SELECT provider_id FROM changed)
           OR p.id IN (SELECT r.prescriber_id FROM prescriptions_prescription r
                       JOIN changed ON changed.prescription_id = r.id)
        GROUP BY p.id, t1.name_fr, t2.name_fr, t3.name_fr""",
    "members": """
        SELECT m.id::text, m.insured_id::text, m.sex, m.birth_date, m.death_date, NULL, NULL, NULL,
               (array_agg(e.scheme ORDER BY e.period DESC))[1], min(lower(e.period)),
               CASE WHEN bool_or(upper_inf(e.period)) THEN NULL ELSE max(upper(e.period)) END,
               (SELECT string_agg(DISTINCT i.code, ';') FROM insured_longtermillness i
                WHERE i.person_id = m.id), NULL
        FROM insured_person m
        LEFT JOIN insured_entitlement e ON e.insured_id = m.insured_id
        WHERE m.id IN (SELECT patient_id FROM changed)
        GROUP BY m.id""",
    "prescriptions": """
        SELECT r.id::text, r.prescriber_id::text, r.patient_id::text, r.received_at, r.valid_until
        FROM prescriptions_prescription r
        WHERE r.id IN (SELECT prescription_id FROM changed)""",
    "prescription_lines": """
        SELECT i.prescription_id::text, i.position::text, coalesce(m.ean, ''), i.boxes,
               i.duration_days, 0
        FROM prescriptions_prescribeditem i
        LEFT JOIN prescriptions_medicine m ON m.id = i.medicine_id
        WHERE i.prescription_id IN (SELECT prescription_id FROM changed)""",
    "claims": """
        SELECT id::text, fse_number, provider_id::text, patient_id::text, received_at,
               prescription_id::text, device_id::text
        FROM changed""",
    "claim_lines": """
        SELECT l.claim_id::text, l.position::text, l.kind, coalesce(a.code, m.ean),
               coalesce(a.letter, ''), a.coefficient_hundredths / 100.0, l.quantity,
               l.charged_centimes, l.care_date, NULL, i.duration_days, i.position::text
        FROM claims_claimline l
        JOIN changed ON changed.id = l.claim_id
        LEFT JOIN claims_act a ON a.id = l.act_id
        LEFT JOIN prescriptions_medicine m ON m.id = l.medicine_id
        LEFT JOIN prescriptions_prescribeditem i
          ON i.prescription_id = changed.prescription_id AND i.position = l.position""",
}
MEDICINES = "SELECT ean, inn, NULL, NULL, false FROM prescriptions_medicine"


def copy_history(warehouse: Warehouse, *, since: date | None, until: date) -> int:
    """Copy what was received on these days, `until` not included; all there is without `since`.

    Copied again, it is the same. Returns how many rows.
    """
    asked = {"since": since, "until": until}
    rows = sum(
        warehouse.keep(table, part)
        for table, text in TABLES.items()
        for part in _parts(f"WITH {CHANGED} {text}", asked)
    )
    rows += sum(warehouse.keep("medicines", part) for part in _parts(MEDICINES, {}))
    return rows + warehouse.keep("letters", _letters(until))


def _letters(day: date) -> list[tuple[str, int, bool]]:
    """The usual minutes of an act of each key letter, as the law of a day says."""
    said = law().at(day)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT letter FROM claims_act WHERE letter <> ''")
        return [(letter, said.act_minutes(letter), False) for (letter,) in cursor.fetchall()]


def _parts(text: str, values: dict[str, Any]) -> Iterator[Sequence[Any]]:
    """Rows in parts; those of one key (the first column) are never parted, for they are kept whole."""
    with connection.cursor() as cursor:
        cursor.execute(f"{text} ORDER BY 1", values)
        rest: list[Any] = []
        while part := cursor.fetchmany(ROWS_A_TIME):
            rows = [*rest, *part]
            whole = [row for row in rows if row[0] != rows[-1][0]]
            rest = rows[len(whole) :]
            if whole:
                yield whole
        if rest:
            yield rest
