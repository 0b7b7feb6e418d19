"""EARLY_REFILL: un médicament délivré bien avant la fin de la délivrance précédente.

Voit : même bénéficiaire, même DCI (à défaut même code), une délivrance dont le jour précède le jour de la
précédente plus une part des jours que celle-ci couvrait.
Formule : jour < jour précédent + arrondi supérieur (part x jours délivrés), les délivrances d'un même jour
comptant ensemble. Part : 75 %, 85 % pour un produit contrôlé.
Source : catalogue des contrôles, règle 12 (payeurs américains, source secondaire).
Ne fait jamais : refuser ni suspendre seule ; un changement de dose ou un voyage l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="EARLY_REFILL",
    family=Family.DRUG,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.CLAIM,
    inputs=("claims", "claim_lines.days", "medicines.inn", "medicines.controlled"),
)

SQL = """
WITH handed AS (
    SELECT member, inn, care_date, bool_or(controlled) AS controlled, sum(days) AS days,
           max(provider) AS provider, max(claim) AS claim, max(line) AS line,
           max(submitted_day) AS day
    FROM care
    WHERE kind = 'MEDICINE' AND days > 0
    GROUP BY member, inn, care_date
), followed AS (
    SELECT handed.*,
           lag(care_date) OVER (PARTITION BY member, inn ORDER BY care_date) AS before,
           lag(days) OVER (PARTITION BY member, inn ORDER BY care_date) AS days_before
    FROM handed
), measured AS (
    SELECT followed.*, care_date - before AS elapsed,
           ceil(days_before * CASE WHEN controlled THEN $share_controlled ELSE $share END / 10000.0)
           AS needed
    FROM followed
    WHERE before IS NOT NULL
)
SELECT provider, member, CAST(NULL AS TEXT) AS other, claim, line, day,
       1.0 - 1.0 * elapsed / needed AS strength, elapsed AS observed, needed AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"inn":"' || inn || '","care_date":"' || care_date || '","before":"' || before
       || '","days_before":' || days_before || ',"elapsed":' || elapsed || '}' AS evidence
FROM measured
WHERE elapsed < needed AND day BETWEEN $since AND $until
"""
