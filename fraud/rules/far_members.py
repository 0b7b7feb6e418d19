"""FAR_MEMBERS: une patientèle qui habite loin.

Voit : part des personnes habitant à plus de 80 km du professionnel en 90 jours, contre ses pairs.
Seuil : rz > 3,5, 10 points au moins (règle 22 du catalogue, distance à confirmer). Un centre de référence
ou une ville de vacances l'expliquent. Ne fait jamais : suspendre ni refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="FAR_MEMBERS",
    family=Family.IDENTITY,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("providers.latitude",),
    vital=("members.latitude", "members.longitude"),
)

SQL = outliers("""
    SELECT l.provider, 1.0 * count(DISTINCT l.member) FILTER (WHERE 111.2 * sqrt(
               (p.latitude - m.latitude) * (p.latitude - m.latitude)
               + cos(radians(p.latitude)) * cos(radians(p.latitude))
               * (p.longitude - m.longitude) * (p.longitude - m.longitude)) > $km)
           / count(DISTINCT l.member) AS x, count(DISTINCT l.member) AS n,
           '{"members":' || count(DISTINCT l.member) || '}' AS evidence
    FROM links l
    JOIN providers p ON p.inpe = l.provider JOIN members m ON m.member = l.member
    WHERE l.last_day BETWEEN $until - $days AND $until
      AND p.latitude IS NOT NULL AND m.latitude IS NOT NULL
    GROUP BY l.provider
""")
