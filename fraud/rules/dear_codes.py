"""Comparing the share of a dear code with that of each peer: SQL text shared by two rules."""


def outlying_codes(shares: str) -> str:
    """The alarms on providers whose share of a dear code is far above their peers'.

    `shares` are common table expressions that end with one named `shares`: provider, peer, code, n (acts
    the share rests on), times (acts of the code) and x (compared). Reads the figures rz (tenths), floor
    (bp of x), times and least_peers; the code the furthest out is shown.
    """
    return f"""
WITH {shares}, middle AS (
    SELECT peer, code, count(*) AS peers,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS usual
    FROM shares GROUP BY peer, code HAVING count(*) >= $least_peers
), spread AS (
    SELECT s.peer, s.code,
           1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(s.x - m.median)) AS mad,
           1.2533 * avg(abs(s.x - m.median)) AS deviation
    FROM shares s JOIN middle m ON m.peer = s.peer AND m.code = s.code
    GROUP BY s.peer, s.code
), judged AS (
    SELECT s.provider, s.code, s.x, s.times, s.n, m.peers, m.median,
           greatest(coalesce(nullif(d.mad, 0), d.deviation), $floor / 10000.0)
           * sqrt(greatest(1.0, 1.0 * m.usual / s.n)) AS scale
    FROM shares s
    JOIN middle m ON m.peer = s.peer AND m.code = s.code
    JOIN spread d ON d.peer = s.peer AND d.code = s.code
    WHERE s.times >= $times
), ranked AS (
    SELECT judged.*, row_number() OVER (PARTITION BY provider
                                        ORDER BY (x - median) / scale DESC, code) AS place
    FROM judged
)
SELECT provider, CAST(NULL AS TEXT) AS member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, $until AS day,
       least(1.0, 5.0 * (x - median) / (scale * $rz)) AS strength, x AS observed,
       median + scale * $rz / 10.0 AS threshold, peers,
       '{{"code":"' || code || '","times":' || times || ',"acts":' || n || '}}' AS evidence
FROM ranked
WHERE place = 1 AND x - median > scale * $rz / 10.0
"""
