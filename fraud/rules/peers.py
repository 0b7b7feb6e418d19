"""Comparing a provider with its peers: the one robust z-score of the statistics, as SQL text.

rz(x) = (x - median) / scale inside the peer group, where scale is 1.4826 x MAD; where the MAD is nought,
1.2533 x the mean absolute deviation; and never below the rule's `floor`, so that tight groups do not make
small differences loud. A provider whose x rests on fewer things than its median peer's has a scale as much
wider as chance makes it (square root). What many show is worth little: the strength of the n-th highest of all
those compared is at most their number x `rare` / n, equals taking the last of their places. Groups under
`least_peers` providers give no statistic.
Source: catalogue of controls, notation of section C2.
"""

NO_TEXT = "CAST(NULL AS TEXT)"


def outliers(features: str) -> str:
    """The alarms on providers far above their peers.

    `features` is a SELECT of provider, x (compared), n (how many things x rests on) and evidence.
    Reads the figures rz (tenths), floor (bp of x), rare (bp of those compared), least (n) and least_peers.
    """
    return f"""
WITH features AS ({features}
), peered AS (
    SELECT f.provider, f.x, f.n, f.evidence, p.peer
    FROM features f JOIN peers p ON p.provider = f.provider
    WHERE f.x IS NOT NULL AND f.n >= $least
), middle AS (
    SELECT peer, count(*) AS peers, percentile_cont(0.5) WITHIN GROUP (ORDER BY x) AS median,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS usual
    FROM peered GROUP BY peer HAVING count(*) >= $least_peers
), spread AS (
    SELECT p.peer,
           1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(p.x - m.median)) AS mad,
           1.2533 * avg(abs(p.x - m.median)) AS deviation
    FROM peered p JOIN middle m ON m.peer = p.peer GROUP BY p.peer
), judged AS (
    SELECT p.provider, p.x, p.n, p.evidence, m.peers, m.median,
           greatest(coalesce(nullif(s.mad, 0), s.deviation), $floor / 10000.0)
           * sqrt(greatest(1.0, 1.0 * m.usual / p.n)) AS scale
    FROM peered p JOIN middle m ON m.peer = p.peer JOIN spread s ON s.peer = p.peer
), ranked AS (
    SELECT judged.*, count(*) OVER (ORDER BY (x - median) / scale DESC) AS place,
           count(*) OVER () AS compared
    FROM judged
)
SELECT provider, {NO_TEXT} AS member, {NO_TEXT} AS other, {NO_TEXT} AS claim, {NO_TEXT} AS line,
       $until AS day,
       least(1.0, 5.0 * (x - median) / (scale * $rz), $rare / 10000.0 * compared / place) AS strength,
       x AS observed,
       median + scale * $rz / 10.0 AS threshold, peers, evidence
FROM ranked
WHERE x - median > scale * $rz / 10.0
"""
