"""VOLUME_SPIKE: un volume qui bondit contre son propre passé, plus que celui des pairs.

Voit : visites des 30 derniers jours contre la moyenne mensuelle des six mois d'avant, en logarithme ;
comparé aux pairs, pour qu'une épidémie ou une saison ne compte pas. Un nouveau professionnel part d'un
passé d'une visite.
Seuil : rz > 4 et 30 visites (règle 25 du catalogue). Ne fait jamais : suspendre ni refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="VOLUME_SPIKE",
    family=Family.SERIES,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claims",),
)

SQL = outliers("""
    SELECT d.provider,
           ln(1.0 + sum(d.visits) FILTER (WHERE d.day > $until - 30))
           - ln(1.0 + coalesce(sum(d.visits) FILTER (WHERE d.day <= $until - 30), 0) / 6.0) AS x,
           sum(d.visits) FILTER (WHERE d.day > $until - 30) AS n,
           '{"visits":' || coalesce(sum(d.visits) FILTER (WHERE d.day > $until - 30), 0)
           || ',"before":' || coalesce(sum(d.visits) FILTER (WHERE d.day <= $until - 30), 0) || '}'
           AS evidence
    FROM provider_days d WHERE d.day BETWEEN $until - 210 AND $until
    GROUP BY d.provider
""")
