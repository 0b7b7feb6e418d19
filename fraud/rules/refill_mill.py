"""REFILL_MILL: une pharmacie dont trop de délivrances viennent trop tôt.

Voit : part des délivrances d'une pharmacie signalées EARLY_REFILL en 90 jours, chacune pour sa force, contre
les pharmacies de sa région. Quelques délivrances ne font pas une part : 20 lignes sans défaut sont ajoutées à
chaque pharmacie.
Seuil : rz > 3,5 et 5 points au moins (règle 12 du catalogue, mesures des pharmacies de l'OIG).
Ne fait jamais : refuser.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="REFILL_MILL",
    family=Family.DRUG,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("claim_lines.days", "alarms of EARLY_REFILL"),
)

SQL = outliers("""
    SELECT d.provider, coalesce(a.early, 0) / (sum(d.medicines) + $smooth) AS x, sum(d.medicines) AS n,
           '{"early":' || CAST(coalesce(a.early, 0) AS INTEGER) || ',"lines":' || sum(d.medicines)
           || '}' AS evidence
    FROM provider_days d
    LEFT JOIN (SELECT provider, sum(strength) / 10000.0 AS early FROM alarms
               WHERE rule = 'EARLY_REFILL' AND day BETWEEN $until - $days AND $until
               GROUP BY provider) a ON a.provider = d.provider
    WHERE d.day BETWEEN $until - $days AND $until AND d.medicines > 0
    GROUP BY d.provider, a.early
""")
