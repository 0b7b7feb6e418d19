"""CONTROLLED_SHARE: un prescripteur dont trop d'ordonnances portent un produit contrôlé.

Voit : part des lignes délivrées d'un prescripteur portant un produit de la liste contrôlée, contre sa
spécialité.
Seuil : rz > 3,5 et 30 lignes (règle 16 du catalogue, mesures de l'OIG). Sans liste, la règle ne voit rien.
Ne fait jamais : suspendre ni refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="CONTROLLED_SHARE",
    family=Family.DRUG,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.PROVIDER,
    inputs=("medicines.controlled", "prescriptions.prescriber"),
)

SQL = outliers("""
    SELECT prescriber AS provider, 1.0 * count(*) FILTER (WHERE controlled) / count(*) AS x,
           count(*) AS n,
           '{"controlled":' || count(*) FILTER (WHERE controlled) || ',"lines":' || count(*) || '}'
           AS evidence
    FROM care
    WHERE kind = 'MEDICINE' AND prescriber IS NOT NULL
      AND care_date BETWEEN $until - $days AND $until
    GROUP BY prescriber
""")
