"""The counters the provider rules read: computed from `care`, a provider's month at a time."""

# One row a professional, a person and a day, made again each time: days and links are summed from it.
VISITS = """
    CREATE TEMP TABLE visits AS
    SELECT provider, month, member, care_date AS day,
           count(*) FILTER (WHERE kind = 'ACT') AS acts,
           count(*) FILTER (WHERE kind = 'MEDICINE') AS medicines,
           sum(minutes) AS minutes, sum(charged) AS amount,
           count(*) FILTER (WHERE extract(hour FROM started_at) < 7
                            OR extract(hour FROM started_at) >= 21
                            OR extract(dow FROM care_date) = 0) AS odd
    FROM care GROUP BY provider, month, member, care_date"""
# Each is keyed by (provider, month): a month touched by new claims is counted again, whole.
COUNTERS: dict[str, tuple[str, str]] = {
    "provider_days": (
        """provider TEXT, month DATE, day DATE, visits BIGINT, acts BIGINT, medicines BIGINT,
        minutes BIGINT, odd BIGINT""",
        """
        SELECT provider, month, day, count(member), sum(acts), sum(medicines), sum(minutes), sum(odd)
        FROM visits GROUP BY provider, month, day""",
    ),
    "links": (
        "provider TEXT, month DATE, member TEXT, visits BIGINT, amount BIGINT, last_day DATE",
        """
        SELECT provider, month, member, count(*), sum(amount), max(day)
        FROM visits GROUP BY provider, month, member""",
    ),
    "prices": (
        "provider TEXT, month DATE, kind TEXT, code TEXT, price BIGINT, n BIGINT",
        """
        SELECT provider, month, kind, code,
               CAST(floor(1.0 * charged / greatest(quantity, 1)) AS BIGINT), count(*)
        FROM care GROUP BY 1, 2, 3, 4, 5""",
    ),
}
# What visits and counters read of a line of care.
COUNTED = "provider, month, member, care_date, kind, code, quantity, charged, minutes, started_at"

# Whom a provider is compared with: its kind and speciality, in its region where 60 such work there.
PEERS = """
CREATE OR REPLACE VIEW main.peers AS
WITH counted AS (
    SELECT inpe, kind, coalesce(speciality, '') AS speciality, coalesce(region, '') AS region,
           count(*) OVER (PARTITION BY kind, coalesce(speciality, ''), coalesce(region, '')) AS near
    FROM main.providers
)
SELECT inpe AS provider,
       kind || '|' || speciality || CASE WHEN near >= 60 THEN '|' || region ELSE '' END AS peer
FROM counted
"""
