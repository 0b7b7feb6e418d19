"""Comparing the share of a dear code with that of each peer: SQL text shared by two rules.

Dear codes of a peer group are those of the dearer half of its acts: ordered by their mean price, half of the
acts and more are of cheaper codes. The scale of a provider is the root of the sum of its peers' squared
(1.4826 x MAD, or 1.2533 x the mean deviation where it is nought, never below `floor`) and of the variance
chance gives to a share of n acts: (p + 1/n) / n, p the code's share in the whole group. So a code that
no peer uses is seen after a few times. What more than `rare` of the peers show is a habit of some of them: the
strength of every alarm of the group is as much lower.
"""

TARIFFS = """tariff AS (
    SELECT peer, code, 1.0 * sum(amount) / sum(n) AS price, sum(n) AS n
    FROM recent GROUP BY peer, code
), heaped AS (
    SELECT peer, code, sum(n) OVER (PARTITION BY peer ORDER BY price, code) - n AS below,
           sum(n) OVER (PARTITION BY peer) AS n
    FROM tariff
), dear AS (
    SELECT peer, code FROM heaped WHERE 2 * below >= n
)"""


def outlying_codes(shares: str) -> str:
    """The alarms on providers whose share of a dear code is far above their peers'.

    `shares` are common table expressions that end with one named `shares`: provider, peer, code, n (acts
    the share rests on), times (acts of the code) and x (compared). Reads the figures rz (tenths), floor
    (bp of x), rare (bp of the peers), times and least_peers; the code the furthest out is shown.
    """
    return f"""
WITH {shares}, middle AS (
    SELECT peer, code, count(*) AS peers,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median,
           least(1.0, 1.0 * sum(times) / sum(n)) AS usual
    FROM shares GROUP BY peer, code HAVING count(*) >= $least_peers
), spread AS (
    SELECT s.peer, s.code,
           1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(s.x - m.median)) AS mad,
           1.2533 * avg(abs(s.x - m.median)) AS deviation
    FROM shares s JOIN middle m ON m.peer = s.peer AND m.code = s.code
    GROUP BY s.peer, s.code
), judged AS (
    SELECT s.provider, s.peer, s.code, s.x, s.times, s.n, m.peers, m.median,
           sqrt(power(greatest(coalesce(nullif(d.mad, 0), d.deviation), $floor / 10000.0), 2)
                + (m.usual + 1.0 / s.n) / s.n) AS scale
    FROM shares s
    JOIN middle m ON m.peer = s.peer AND m.code = s.code
    JOIN spread d ON d.peer = s.peer AND d.code = s.code
    WHERE s.times >= $times
), ranked AS (
    SELECT judged.*, row_number() OVER (PARTITION BY provider
                                        ORDER BY (x - median) / scale DESC, code) AS place
    FROM judged
), alarmed AS (
    SELECT ranked.*, count(*) OVER (PARTITION BY peer) AS alike
    FROM ranked WHERE place = 1 AND x - median > scale * $rz / 10.0
)
SELECT provider, CAST(NULL AS TEXT) AS member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, $until AS day,
       least(1.0, 5.0 * (x - median) / (scale * $rz),
             greatest(1.0, $rare / 10000.0 * peers) / alike) AS strength, x AS observed,
       median + scale * $rz / 10.0 AS threshold, peers,
       '{{"code":"' || code || '","times":' || times || ',"acts":' || n || '}}' AS evidence
FROM alarmed
"""
