"""UNBUNDLING: des parties facturées là où les pairs facturent un tout.

Voit : le nombre d'actes par personne et par jour de soin en 90 jours, en logarithme, contre les pairs.
Seuil : rz > 3,5 et 50 visites (règle 5 du catalogue, idée du NCCI) ; les forfaits composés ne sont pas
publiés : la règle ne compare que des nombres. Ne fait jamais : refuser ; un plateau technique l'explique.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="UNBUNDLING",
    family=Family.DUPLICATE,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("claim_lines.code", "claims.member"),
)

SQL = outliers("""
    SELECT d.provider, ln(1.0 * sum(d.acts) / sum(d.visits)) AS x, sum(d.visits) AS n,
           '{"acts":' || sum(d.acts) || ',"visits":' || sum(d.visits) || '}' AS evidence
    FROM provider_days d WHERE d.day BETWEEN $until - $days AND $until AND d.acts > 0
    GROUP BY d.provider
""")
