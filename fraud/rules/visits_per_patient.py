"""VISITS_PER_PATIENT: les mêmes personnes revues bien plus souvent que chez les pairs.

Voit : jours de soin par personne en 90 jours, en logarithme, contre les pairs. Trahit les actes répétés ou
inventés sur peu d'identités. Seuil : rz > 3,5 (règle 5 du catalogue ; à confirmer). La dialyse et la
rééducation l'expliquent.
Ne fait jamais : suspendre ni refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="VISITS_PER_PATIENT",
    family=Family.DUPLICATE,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claims.member", "claim_lines.care_date"),
)

SQL = outliers("""
    SELECT l.provider, ln(1.0 * sum(l.visits) / count(DISTINCT l.member)) AS x,
           count(DISTINCT l.member) AS n,
           '{"visits":' || sum(l.visits) || ',"members":' || count(DISTINCT l.member) || '}'
           AS evidence
    FROM links l WHERE l.last_day BETWEEN $until - $days AND $until
    GROUP BY l.provider
""")
