"""UPCODING: des actes cotés plus cher que ceux des pairs.

Voit : la moyenne du logarithme du prix unitaire des actes d'un professionnel en 90 jours, contre ses pairs.
Seuil : rz > 3,5 et 50 actes (règle 19 du catalogue). Un centre de référence l'explique.
Ne fait jamais : suspendre ni refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="UPCODING",
    family=Family.PEER,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claim_lines.code", "claim_lines.charged"),
)

SQL = outliers("""
    SELECT r.provider, sum(r.n * ln(r.price)) / sum(r.n) AS x, sum(r.n) AS n,
           '{"acts":' || sum(r.n) || ',"amount":' || sum(r.n * r.price) || '}' AS evidence
    FROM prices r
    WHERE r.kind = 'ACT' AND r.price > 0 AND r.month BETWEEN $until - $days AND $until
    GROUP BY r.provider
""")
