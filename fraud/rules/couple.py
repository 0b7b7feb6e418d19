"""COUPLE: un prescripteur et une pharmacie qui s'alimentent.

Voit : la part des ordonnances d'un prescripteur délivrées par une pharmacie, en 90 jours.
Formule : part > 40 %, 30 ordonnances, lift n(a,b) N / (n_a n_b) > 5, part > 2 x la part attendue de la
distance (chaque pharmacie attire comme son volume et l'inverse du carré de sa distance), et plus de 40 %
sur au moins trois mois.
Source : règle 17 du catalogue (mesures des pharmacies de l'OIG).
Ne fait jamais : refuser ; une seule pharmacie au village est attendue par la distance, donc pas signalée.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="COUPLE",
    family=Family.NETWORK,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.COUPLE,
    inputs=("claims.prescription", "prescriptions.prescriber", "providers.latitude"),
)

SQL = """
WITH recent AS (
    SELECT provider, prescriber, month, prescriptions, amount FROM couples
    WHERE month BETWEEN $until - $days - 31 AND $until
), by_month AS (
    SELECT prescriber, month, sum(prescriptions) AS n FROM recent GROUP BY prescriber, month
), months AS (
    SELECT r.prescriber, r.provider,
           count(*) FILTER (WHERE 10000.0 * r.prescriptions / b.n > $share) AS months
    FROM recent r JOIN by_month b ON b.prescriber = r.prescriber AND b.month = r.month
    GROUP BY r.prescriber, r.provider
), pairs AS (
    SELECT prescriber, provider, sum(prescriptions) AS n, sum(amount) AS amount
    FROM recent GROUP BY prescriber, provider
), prescribers AS (
    SELECT prescriber, sum(n) AS n FROM pairs GROUP BY prescriber HAVING sum(n) >= $least
), pharmacies AS (
    SELECT provider, sum(n) AS n FROM pairs GROUP BY provider
), total AS (SELECT sum(n) AS n FROM pairs
), strong AS (
    SELECT p.prescriber, p.provider, p.n, p.amount, a.n AS n_a, b.n AS n_b, t.n AS n_all, m.months
    FROM pairs p
    JOIN prescribers a ON a.prescriber = p.prescriber
    JOIN pharmacies b ON b.provider = p.provider
    JOIN months m ON m.prescriber = p.prescriber AND m.provider = p.provider
    CROSS JOIN total t
    WHERE 10000.0 * p.n / a.n > $share AND m.months >= $months
      AND 1.0 * p.n * t.n / (1.0 * a.n * b.n) > $lift
), pulls AS (
    SELECT s.prescriber, s.provider AS pharmacy, q.inpe AS near,
           greatest(1.0, coalesce(b.n, 0) - CASE WHEN q.inpe = s.provider THEN s.n ELSE 0 END)
           / (1.0 + 111.2 * 111.2 * (
               (p.latitude - q.latitude) * (p.latitude - q.latitude)
               + cos(radians(p.latitude)) * cos(radians(p.latitude))
               * (p.longitude - q.longitude) * (p.longitude - q.longitude))) AS pull
    FROM strong s
    JOIN providers p ON p.inpe = s.prescriber
    JOIN providers q ON q.kind = 'PHARMACY'
    LEFT JOIN pharmacies b ON b.provider = q.inpe
), expected AS (
    SELECT prescriber, pharmacy,
           sum(pull) FILTER (WHERE near = pharmacy) / sum(pull) AS share
    FROM pulls GROUP BY prescriber, pharmacy
)
SELECT s.prescriber AS provider, CAST(NULL AS TEXT) AS member, s.provider AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, $until AS day,
       least(1.0, 1.0 * s.n / s.n_a) AS strength, 1.0 * s.n / s.n_a AS observed,
       greatest($share / 10000.0, $beyond * e.share) AS threshold, CAST(NULL AS INTEGER) AS peers,
       '{"prescriptions":' || s.n || ',"of":' || s.n_a || ',"months":' || s.months || ',"amount":'
       || s.amount || '}' AS evidence
FROM strong s
JOIN expected e ON e.prescriber = s.prescriber AND e.pharmacy = s.provider
WHERE e.share IS NULL OR 1.0 * s.n / s.n_a > $beyond * e.share
"""
