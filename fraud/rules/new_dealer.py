"""NEW_DEALER: un nouveau vendeur de biens chers à des inconnus.

Voit : un professionnel actif depuis moins de six mois, dont le prix unitaire médian dépasse celui de neuf
professionnels de sa nature sur dix, et dont la moitié au moins des personnes n'ont pas de soin antérieur
ailleurs.
Seuils : 180 jours, 90e centile, 50 % (règle 26 du catalogue).
Ne fait jamais : refuser ; un nouveau spécialiste installé l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="NEW_DEALER",
    family=Family.PEER,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("providers.agreed_from", "claim_lines.charged", "links"),
)

SQL = """
WITH started AS (
    SELECT l.provider, min(l.first_day) AS first_day, count(DISTINCT l.member) AS members,
           sum(l.amount) AS amount
    FROM links l GROUP BY l.provider
), newcomers AS (
    SELECT s.* FROM started s JOIN providers p ON p.inpe = s.provider
    WHERE greatest(s.first_day, coalesce(p.agreed_from, s.first_day)) > $until - $days
      AND s.members >= $least
), before AS (
    SELECT n.provider, count(DISTINCT l.member) AS strangers
    FROM newcomers n JOIN links l ON l.provider = n.provider
    WHERE NOT EXISTS (SELECT 1 FROM links o WHERE o.member = l.member AND o.provider <> l.provider
                      AND o.first_day < l.first_day AND o.first_day > l.first_day - $look_back)
    GROUP BY n.provider
), dear AS (
    SELECT r.provider, p.kind, sum(1.0 * r.price * r.n) / sum(r.n) AS price, count(*) AS codes
    FROM prices r JOIN providers p ON p.inpe = r.provider GROUP BY r.provider, p.kind
), usual AS (
    SELECT kind, percentile_cont(0.9) WITHIN GROUP (ORDER BY price) AS price, count(*) AS peers
    FROM dear GROUP BY kind HAVING count(*) >= $least_peers
)
SELECT n.provider, CAST(NULL AS TEXT) AS member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, $until AS day,
       least(1.0, 0.5 * d.price / u.price) AS strength, d.price AS observed, u.price AS threshold,
       u.peers AS peers,
       '{"members":' || n.members || ',"strangers":' || b.strangers || ',"since":"' || n.first_day
       || '"}' AS evidence
FROM newcomers n
JOIN dear d ON d.provider = n.provider
JOIN usual u ON u.kind = d.kind
JOIN before b ON b.provider = n.provider
WHERE d.price > u.price AND 10000.0 * b.strangers / n.members >= $share
"""
