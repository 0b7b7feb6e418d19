"""COST_PER_PATIENT: un coût par personne bien au-dessus des pairs.

Voit : montant demandé par personne en 90 jours, en logarithme, contre la spécialité.
Seuil : rz > 3,5 (règle 20 du catalogue, d'après la HIRA). Une patientèle lourde l'explique.
Ne fait jamais : suspendre ni refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="COST_PER_PATIENT",
    family=Family.PEER,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claim_lines.charged", "claims.member"),
)

SQL = outliers("""
    SELECT l.provider, ln(1.0 * sum(l.amount) / count(DISTINCT l.member)) AS x,
           count(DISTINCT l.member) AS n,
           '{"members":' || count(DISTINCT l.member) || ',"amount":' || sum(l.amount) || '}'
           AS evidence
    FROM links l WHERE l.last_day BETWEEN $until - $days AND $until AND l.amount > 0
    GROUP BY l.provider
""")
