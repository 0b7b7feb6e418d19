"""PATIENTS_PER_DAY: beaucoup plus de personnes par jour que les pairs.

Voit : la moyenne de personnes des cinq plus fortes journées d'un mois, en logarithme, contre les pairs.
Seuil : rz > 3,5, au moins cinq jours (règle 11 du catalogue). Les campagnes et les cabinets de groupe
l'expliquent.
Ne fait jamais : suspendre ni ouvrir seule un dossier : la Cnam ne reproche pas un nombre d'actes à un
médecin.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="PATIENTS_PER_DAY",
    family=Family.TIME,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("claims", "claim_lines.care_date"),
)

SQL = outliers("""
    SELECT provider, ln(avg(visits)) AS x, count(*) AS n,
           '{"visits":' || sum(visits) || ',"days":' || count(*) || '}' AS evidence
    FROM (SELECT d.provider, d.visits,
                 row_number() OVER (PARTITION BY d.provider ORDER BY d.visits DESC, d.day) AS place
          FROM provider_days d WHERE d.day BETWEEN $until - $days AND $until) best
    WHERE place <= $best GROUP BY provider
""")
