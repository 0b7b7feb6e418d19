"""REPEATED_AMOUNTS: les mêmes montants qui reviennent plus que chez les pairs.

Voit : part des trois montants unitaires les plus fréquents parmi les lignes d'un professionnel, contre les
pairs (les tarifs fixes comptent des deux côtés). Seuil : rz > 3,5, 50 lignes (règle 28 du catalogue, à
confirmer).
Ne fait jamais : suspendre, refuser, ni ouvrir seule un dossier.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="REPEATED_AMOUNTS",
    family=Family.PEER,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claim_lines.charged",),
)

SQL = outliers("""
    SELECT provider, 1.0 * sum(n) FILTER (WHERE place <= $amounts) / sum(n) AS x, sum(n) AS n,
           '{"lines":' || sum(n) || '}' AS evidence
    FROM (SELECT r.provider, r.price, sum(r.n) AS n,
                 row_number() OVER (PARTITION BY r.provider ORDER BY sum(r.n) DESC, r.price) AS place
          FROM prices r WHERE r.month BETWEEN $until - $days AND $until
          GROUP BY r.provider, r.price) amounts
    GROUP BY provider
""")
