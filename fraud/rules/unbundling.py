"""UNBUNDLING: des parties facturées là où les pairs facturent un tout.

Voit : des couples d'actes facturés à une même personne, en peu de jours, par un même professionnel, que ses
pairs ne font presque jamais ensemble.
Formule : pour chaque couple de codes, n personnes contre le nombre attendu e = celui des pairs au prorata
des personnes vues ; (n - e) / racine(e + 1) au-dessus du seuil. Les forfaits composés ne sont pas publiés :
la règle ne compare que des nombres.
Seuil : 5 personnes, écart de 5 (à confirmer). Source : règle 5 du catalogue (idée du NCCI).
Ne fait jamais : refuser ; un plateau technique rare l'explique, moins de 30 pairs la font taire.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="UNBUNDLING",
    family=Family.DUPLICATE,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("claim_lines.code", "claim_lines.care_date", "claims.member"),
)

SQL = """
WITH recent AS (
    SELECT DISTINCT c.provider, c.member, c.code, c.care_no, p.peer
    FROM care c JOIN peers p ON p.provider = c.provider
    WHERE c.kind = 'ACT' AND c.care_date BETWEEN $until - $days AND $until
), sizes AS (
    SELECT provider, min(peer) AS peer, count(DISTINCT member) AS members
    FROM recent GROUP BY provider
), groups AS (
    SELECT peer, count(*) AS peers, sum(members) AS members
    FROM sizes GROUP BY peer HAVING count(*) >= $least_peers
), pairs AS (
    SELECT a.provider, a.peer, a.code AS one, b.code AS two, count(DISTINCT a.member) AS n
    FROM recent a
    JOIN recent b ON b.provider = a.provider AND b.member = a.member
     AND b.care_no BETWEEN a.care_no AND a.care_no + $span
     AND (b.care_no > a.care_no OR b.code > a.code)
    GROUP BY a.provider, a.peer, a.code, b.code
), totals AS (
    SELECT peer, one, two, sum(n) AS n FROM pairs GROUP BY peer, one, two
), judged AS (
    SELECT p.provider, p.one, p.two, p.n, g.peers, s.members,
           1.0 * (t.n - p.n) * s.members / greatest(1, g.members - s.members) AS expected
    FROM pairs p
    JOIN totals t ON t.peer = p.peer AND t.one = p.one AND t.two = p.two
    JOIN groups g ON g.peer = p.peer
    JOIN sizes s ON s.provider = p.provider
    WHERE p.n >= $least
), ranked AS (
    SELECT judged.*, (n - expected) / sqrt(expected + 1.0) AS z,
           row_number() OVER (PARTITION BY provider
                              ORDER BY (n - expected) / sqrt(expected + 1.0) DESC, one, two) AS place
    FROM judged
    WHERE (n - expected) / sqrt(expected + 1.0) > $z / 10.0
)
SELECT provider, CAST(NULL AS TEXT) AS member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, $until AS day,
       least(1.0, 5.0 * z / $z) AS strength, n AS observed, expected AS threshold, peers,
       '{"one":"' || one || '","two":"' || two || '","members":' || n || ',"of":' || members || '}'
       AS evidence
FROM ranked
WHERE place = 1
"""
