"""COUPLE: un prescripteur et une pharmacie qui s'alimentent.

Voit : en 120 jours, les personnes d'un prescripteur servies par une même pharmacie, contre celles qu'elle
aurait servies si ces personnes allaient là où vont leurs voisins.
Formule : attendu e = somme, par lieu d'habitation (carré d'un dixième de degré, à défaut la région), des
personnes du prescripteur x la part des voisins, vus par d'autres prescripteurs, que sert cette pharmacie.
Signalé si n >= 8 personnes, n > 20 % des siennes et (n - e) / racine(e + 1) > 6.
Source : règle 17 du catalogue (mesures des pharmacies de l'OIG), seuils à confirmer.
Ne fait jamais : refuser ; la seule pharmacie du village sert aussi les voisins, donc elle est attendue. Un
lieu où moins de 5 voisins voient un autre prescripteur ne compte pas, ni une personne dont le lieu n'est pas
connu.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="COUPLE",
    family=Family.NETWORK,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.COUPLE,
    inputs=("claims.prescription", "prescriptions.prescriber"),
    vital=("members.latitude", "members.longitude", "members.region"),
)

SQL = """
WITH served AS (
    SELECT c.member, c.prescriber, c.provider AS pharmacy, sum(c.charged) AS amount,
           coalesce(CAST(floor(m.latitude * 10) AS TEXT) || '/'
                    || CAST(floor(m.longitude * 10) AS TEXT), m.region) AS place
    FROM care c JOIN members m ON m.member = c.member
    WHERE c.provider_kind = 'PHARMACY' AND c.prescriber IS NOT NULL
      AND c.care_date BETWEEN $until - $days AND $until
      AND (m.latitude IS NOT NULL OR m.region <> '')
    GROUP BY c.member, c.prescriber, c.provider, m.latitude, m.longitude, m.region
), here AS (
    SELECT place, count(*) AS n FROM served GROUP BY place
), shops AS (
    SELECT place, pharmacy, count(*) AS n FROM served GROUP BY place, pharmacy
), theirs AS (
    SELECT s.place, s.prescriber, count(*) AS n, h.n - count(*) AS others
    FROM served s JOIN here h ON h.place = s.place
    GROUP BY s.place, s.prescriber, h.n HAVING h.n - count(*) >= $others
), both_of AS (
    SELECT s.place, s.prescriber, s.pharmacy, count(*) AS n, sum(s.amount) AS amount
    FROM served s JOIN theirs t ON t.place = s.place AND t.prescriber = s.prescriber
    GROUP BY s.place, s.prescriber, s.pharmacy
), totals AS (
    SELECT prescriber, sum(n) AS n FROM theirs GROUP BY prescriber
), pairs AS (
    SELECT b.prescriber, b.pharmacy, sum(b.n) AS n, sum(b.amount) AS amount, t.n AS n_all
    FROM both_of b JOIN totals t ON t.prescriber = b.prescriber
    GROUP BY b.prescriber, b.pharmacy, t.n
    HAVING sum(b.n) >= $least AND 10000.0 * sum(b.n) / t.n > $share
), expected AS (
    SELECT p.prescriber, p.pharmacy, p.n, p.amount, p.n_all,
           sum(1.0 * t.n * (coalesce(h.n, 0) - coalesce(b.n, 0)) / t.others) AS e
    FROM pairs p
    JOIN theirs t ON t.prescriber = p.prescriber
    LEFT JOIN shops h ON h.place = t.place AND h.pharmacy = p.pharmacy
    LEFT JOIN both_of b ON b.place = t.place AND b.pharmacy = p.pharmacy
                       AND b.prescriber = p.prescriber
    GROUP BY p.prescriber, p.pharmacy, p.n, p.amount, p.n_all
), judged AS (
    SELECT expected.*, 10.0 * (n - e) / sqrt(e + 1.0) AS z FROM expected
)
SELECT prescriber AS provider, CAST(NULL AS TEXT) AS member, pharmacy AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, $until AS day,
       least(1.0, 0.75 * z / $z) AS strength, n AS observed,
       e + $z / 10.0 * sqrt(e + 1.0) AS threshold, CAST(NULL AS INTEGER) AS peers,
       '{"members":' || n || ',"of":' || n_all || ',"expected":' || CAST(round(e) AS INTEGER)
       || ',"amount":' || amount || '}' AS evidence
FROM judged WHERE z > $z
"""
