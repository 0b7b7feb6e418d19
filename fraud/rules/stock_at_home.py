"""STOCK_AT_HOME: plus de traitement à la maison que le temps n'en consomme.

Voit : par bénéficiaire et DCI, les jours délivrés en 180 jours moins les jours écoulés depuis la première
de ces délivrances, dernière délivrance exclue.
Seuil : 30 jours d'avance (plan de Caroline du Nord, règle 13 du catalogue).
Ne fait jamais : suspendre ni refuser ; un séjour à l'hôpital ou un voyage l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="STOCK_AT_HOME",
    family=Family.DRUG,
    kind=Kind.STATISTIC,
    action=Action.FLAG,
    level=Level.MEMBER,
    inputs=("claim_lines.days", "medicines.inn"),
)

SQL = """
WITH handed AS (
    SELECT member, inn, days, care_date, submitted_day, provider,
           max(care_date) OVER (PARTITION BY member, inn) AS last_day
    FROM care
    WHERE kind = 'MEDICINE' AND days > 0 AND care_date BETWEEN $until - $look_back AND $until
), summed AS (
    SELECT member, inn, last_day, sum(days) AS days, min(care_date) AS first_day,
           sum(days) FILTER (WHERE care_date < last_day) AS before,
           max(submitted_day) AS day, count(DISTINCT care_date) AS times,
           count(DISTINCT provider) AS pharmacies
    FROM handed
    GROUP BY member, inn, last_day HAVING count(DISTINCT care_date) >= $times
), beyond AS (
    SELECT summed.*, before - (last_day - first_day) AS ahead
    FROM summed
)
SELECT CAST(NULL AS TEXT) AS provider, member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, day,
       least(1.0, 0.5 * ahead / $ahead) AS strength, ahead AS observed, $ahead AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"inn":"' || inn || '","days":' || days || ',"times":' || times || ',"since":"'
       || first_day || '","pharmacies":' || pharmacies || '}' AS evidence
FROM beyond
WHERE ahead > $ahead AND day BETWEEN $since AND $until
"""
