"""Whether towns were decided alike: every line, amount by amount, and its first reason."""

from collections.abc import Sequence

from django.db import connection

from config.bench.rows import QUEUE_KEYS, TOWN_DIGITS, TOWN_DIGITS_AT, keys_of

# Columns of a line's decision that must be equal.
_VALUES = "tariff_centimes, base_centimes, rate_bp, reimbursed_centimes, insured_share_centimes, reasons[1]"


def lines_alike(towns: Sequence[int]) -> tuple[int, int]:
    """Return how many lines these towns have each, and how many of them were decided alike in all."""
    after = TOWN_DIGITS_AT + TOWN_DIGITS
    decided = " UNION ALL ".join(
        f"SELECT substr(line_id::text, {after}) AS place, ROW({_VALUES})::text AS decided"
        " FROM claims_linedecision WHERE line_id BETWEEN %s AND %s"
        for _town in towns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE towns = %s AND answers = 1)"
            " FROM (SELECT count(*) AS towns, count(DISTINCT decided) AS answers"
            f" FROM ({decided}) AS line GROUP BY place) AS placed",
            [len(towns), *(key for town in towns for key in keys_of(QUEUE_KEYS, town))],
        )
        lines, alike = cursor.fetchone()
    return int(lines), int(alike)


def share_at_a_ceiling(town: int) -> float:
    """The share of a town's lines that a ceiling cut, or a frequency refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT avg(('CEILING_REACHED' = ANY(reasons) OR 'FREQUENCY_EXCEEDED' = ANY(reasons))::int)"
            " FROM claims_linedecision WHERE line_id BETWEEN %s AND %s",
            keys_of(QUEUE_KEYS, town),
        )
        return float(cursor.fetchone()[0] or 0)


def packed_bytes(town: int) -> tuple[int, int]:
    """Mean length of the packed facts of a claim and of the packed steps of a line in a town."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(avg(length(facts)), 0)::int FROM claims_decision"
            " WHERE claim_id BETWEEN %s AND %s",
            keys_of(QUEUE_KEYS, town),
        )
        facts = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT coalesce(avg(length(steps)), 0)::int FROM claims_linedecision"
            " WHERE line_id BETWEEN %s AND %s",
            keys_of(QUEUE_KEYS, town),
        )
        return facts, int(cursor.fetchone()[0])
