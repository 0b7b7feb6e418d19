"""ODD_HOURS: des soins la nuit et le dimanche, bien plus que les pairs.

Voit : part des actes avant 7 h, après 21 h ou le dimanche, en 90 jours, contre les pairs.
Seuil : rz > 4 (règle 27 du catalogue). La garde et l'urgence l'expliquent. Ne fait jamais : suspendre ni
refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="ODD_HOURS",
    family=Family.TIME,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claim_lines.started_at", "claim_lines.care_date"),
)

SQL = outliers("""
    SELECT d.provider, 1.0 * sum(d.odd) / sum(d.acts) AS x, sum(d.acts) AS n,
           '{"odd":' || sum(d.odd) || ',"acts":' || sum(d.acts) || '}' AS evidence
    FROM provider_days d WHERE d.day BETWEEN $until - $days AND $until AND d.acts > 0
    GROUP BY d.provider
""")
