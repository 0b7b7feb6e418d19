"""NEW_DEALER: un nouveau vendeur de biens chers à des inconnus.

Voit : un professionnel conventionné depuis moins de six mois dont la part de lignes chères (au-dessus du
90e centile des prix de sa nature) dépasse plusieurs fois celle de sa nature, vendues pour moitié au moins à
des personnes qui n'avaient jamais eu ce produit.
Seuils : 180 jours, 90e centile, 50 % (règle 26 du catalogue).
Ne fait jamais : refuser ; un nouveau spécialiste installé l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="NEW_DEALER",
    family=Family.IDENTITY,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("providers.agreed_from", "claim_lines.charged", "links"),
)

SQL = """
WITH newcomers AS (
    SELECT inpe AS provider, kind FROM providers
    WHERE agreed_from > $until - $days AND agreed_from <= $until
), sold AS (
    SELECT r.provider, p.kind, r.price, sum(r.n) AS n
    FROM prices r JOIN providers p ON p.inpe = r.provider
    WHERE r.month BETWEEN $until - $look_back AND $until
    GROUP BY r.provider, p.kind, r.price
), usual AS (
    SELECT kind, percentile_cont(0.9) WITHIN GROUP (ORDER BY price) AS price,
           count(DISTINCT provider) AS peers
    FROM sold GROUP BY kind HAVING count(DISTINCT provider) >= $least_peers
), shares AS (
    SELECT s.kind,
           1.0 * sum(s.n) FILTER (WHERE s.price > u.price) / sum(s.n) AS share
    FROM sold s JOIN usual u ON u.kind = s.kind GROUP BY s.kind
), first_links AS (
    SELECT c.provider, c.member, c.code, c.care_date, c.charged, c.quantity
    FROM care c JOIN newcomers n ON n.provider = c.provider
    WHERE c.care_date BETWEEN $until - $days AND $until
), dear AS (
    SELECT f.provider, u.price, u.peers, count(*) AS lines,
           count(*) FILTER (WHERE f.charged > u.price * f.quantity) AS dear,
           count(DISTINCT f.member) FILTER (WHERE f.charged > u.price * f.quantity) AS members
    FROM first_links f JOIN newcomers n ON n.provider = f.provider JOIN usual u ON u.kind = n.kind
    GROUP BY f.provider, u.price, u.peers
    HAVING count(*) FILTER (WHERE f.charged > u.price * f.quantity) >= $least
), unknown AS (
    SELECT f.provider, count(DISTINCT f.member) AS strangers
    FROM first_links f JOIN dear d ON d.provider = f.provider
    WHERE f.charged > d.price * f.quantity
      AND NOT EXISTS (SELECT 1 FROM care e WHERE e.member = f.member
                      AND e.code = f.code AND e.care_date < f.care_date)
    GROUP BY f.provider
)
SELECT d.provider, CAST(NULL AS TEXT) AS member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, $until AS day,
       least(1.0, 0.1 * d.dear / d.lines / s.share) AS strength, 1.0 * d.dear / d.lines AS observed,
       $times * s.share AS threshold, d.peers,
       '{"dear":' || d.dear || ',"lines":' || d.lines || ',"members":' || d.members
       || ',"strangers":' || k.strangers || '}' AS evidence
FROM dear d
JOIN unknown k ON k.provider = d.provider
JOIN newcomers n ON n.provider = d.provider
JOIN shares s ON s.kind = n.kind
WHERE s.share > 0 AND 1.0 * d.dear / d.lines > $times * s.share
  AND 10000.0 * k.strangers >= $share * d.members
"""
