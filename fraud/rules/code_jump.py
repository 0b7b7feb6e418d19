"""CODE_JUMP: des cotations qui montent dans le temps.

Voit : le prix moyen (logarithme) des actes d'un professionnel sur trois mois contre les six mois d'avant,
plus que chez les pairs.
Seuil : rz > 3,5 et 50 actes (règle 19 du catalogue, série sur trois mois). Ne fait jamais : refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="CODE_JUMP",
    family=Family.SERIES,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("claim_lines.code", "claim_lines.charged"),
)

SQL = outliers("""
    SELECT provider, now - before AS x, least(n, n_before) AS n,
           '{"acts":' || n || ',"before":' || n_before || '}' AS evidence
    FROM (SELECT r.provider,
                 sum(r.n * ln(r.price)) FILTER (WHERE r.month > $until - $days)
                 / nullif(sum(r.n) FILTER (WHERE r.month > $until - $days), 0) AS now,
                 sum(r.n * ln(r.price)) FILTER (WHERE r.month <= $until - $days)
                 / nullif(sum(r.n) FILTER (WHERE r.month <= $until - $days), 0) AS before,
                 sum(r.n) FILTER (WHERE r.month > $until - $days) AS n,
                 sum(r.n) FILTER (WHERE r.month <= $until - $days) AS n_before
          FROM prices r
          WHERE r.kind = 'ACT' AND r.price > 0 AND r.month BETWEEN $until - $days - $before AND $until
          GROUP BY r.provider) both_sides
""")
