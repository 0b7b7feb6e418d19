"""The counters the provider rules read: computed from `care`, a provider's month at a time."""

# Each is keyed by (provider, month): a month touched by new claims is counted again, whole.
COUNTERS: dict[str, tuple[str, str]] = {
    "provider_days": (
        """provider TEXT, month DATE, day DATE, visits BIGINT, acts BIGINT, medicines BIGINT,
        claims BIGINT, minutes BIGINT, amount BIGINT, timed BIGINT, odd BIGINT""",
        """
        SELECT provider, month, care_date, count(DISTINCT member), count(*) FILTER (WHERE kind = 'ACT'),
               count(*) FILTER (WHERE kind = 'MEDICINE'), count(DISTINCT claim), sum(minutes),
               sum(charged), count(started_at),
               count(*) FILTER (WHERE extract(hour FROM started_at) < 7
                                OR extract(hour FROM started_at) >= 21
                                OR extract(dow FROM care_date) = 0)
        FROM care {where} GROUP BY provider, month, care_date""",
    ),
    "prices": (
        """provider TEXT, month DATE, kind TEXT, letter TEXT, code TEXT, price BIGINT, n BIGINT,
        visits BIGINT""",
        """
        SELECT provider, month, kind, letter, code,
               CAST(floor(1.0 * charged / greatest(quantity, 1)) AS BIGINT), count(*),
               count(DISTINCT member)
        FROM care {where} GROUP BY 1, 2, 3, 4, 5, 6""",
    ),
    "links": (
        """provider TEXT, month DATE, member TEXT, visits BIGINT, lines BIGINT, amount BIGINT,
        first_day DATE, last_day DATE""",
        """
        SELECT provider, month, member, count(DISTINCT care_date), count(*), sum(charged),
               min(care_date), max(care_date)
        FROM care {where} GROUP BY provider, month, member""",
    ),
}

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
