"""VOLUME_SPIKE: un volume qui bondit contre son propre passé, plus que celui des pairs.

Voit : les visites des dernières semaines contre celles des six mois d'avant à durée égale, en écart de
racines carrées (un compte varie comme sa racine) ; comparé aux pairs, pour qu'une épidémie ou une saison ne
compte pas.
Seuil : rz > 4 (règle 25 du catalogue ; 6 et 30 visites pour de gros volumes). Ne fait jamais : suspendre ni
refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="VOLUME_SPIKE",
    family=Family.TIME,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claims",),
)

SQL = outliers("""
    SELECT d.provider,
           2 * (sqrt(0.4 + coalesce(sum(d.visits) FILTER (WHERE d.day > $until - $days), 0))
                - sqrt(0.4 + coalesce(sum(d.visits) FILTER (WHERE d.day <= $until - $days), 0)
                       * 1.0 * $days / $before)) AS x,
           sum(d.visits) FILTER (WHERE d.day > $until - $days) AS n,
           '{"visits":' || coalesce(sum(d.visits) FILTER (WHERE d.day > $until - $days), 0)
           || ',"before":' || coalesce(sum(d.visits) FILTER (WHERE d.day <= $until - $days), 0)
           || '}' AS evidence
    FROM provider_days d WHERE d.day BETWEEN $until - $days - $before AND $until
    GROUP BY d.provider
""")
