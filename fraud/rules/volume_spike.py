"""VOLUME_SPIKE: un volume qui bondit contre son propre passé, plus que celui des pairs.

Voit : les visites des dernières semaines, sans leur plus forte journée (une campagne n'est pas un bond),
contre celles des six mois d'avant à durée égale, en écart de racines carrées (un compte varie comme sa
racine) ; comparé aux pairs, pour qu'une épidémie ou une saison ne compte pas.
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
    SELECT provider,
           2 * (sqrt(0.4 + now) - sqrt(0.4 + before * 1.0 * $days / $before)) AS x, now AS n,
           '{"visits":' || now || ',"before":' || before || '}' AS evidence
    FROM (SELECT d.provider,
                 coalesce(sum(d.visits) FILTER (WHERE d.day > $until - $days), 0)
                 - coalesce(max(d.visits) FILTER (WHERE d.day > $until - $days), 0) AS now,
                 coalesce(sum(d.visits) FILTER (WHERE d.day <= $until - $days), 0) AS before
          FROM provider_days d WHERE d.day BETWEEN $until - $days - $before AND $until
          GROUP BY d.provider) counted
""")
