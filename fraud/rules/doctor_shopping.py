"""DOCTOR_SHOPPING: beaucoup de prescripteurs et de pharmacies pour une même substance.

Voit : par bénéficiaire et DCI, le nombre de prescripteurs (un cabinet de groupe compte une fois) et de
pharmacies.
Seuils : 4 et 4 en 365 jours ; fort : 5 et 5 en 90 jours (règle 15 du catalogue, 95 études). La liste des
produits contrôlés ajoute de la force quand elle est remplie.
Ne fait jamais : refuser ; ne compte pas les personnes atteintes d'un cancer (code C ou D0 de la CIM-10),
que la source trouve pour une sur cinq au seuil fort.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="DOCTOR_SHOPPING",
    family=Family.DRUG,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.MEMBER,
    inputs=("prescriptions.prescriber", "claim_lines", "medicines.controlled", "members.illnesses"),
)

SQL = """
WITH several AS (
    SELECT member, inn FROM care
    WHERE kind = 'MEDICINE' AND care_date BETWEEN $until - $days AND $until
    GROUP BY member, inn
    HAVING count(*) >= $least AND min(prescriber) <> max(prescriber)
       AND min(provider) <> max(provider)
), wide AS (
    SELECT c.member, c.inn, c.care_date, c.submitted_day, c.provider AS pharmacy, c.controlled,
           coalesce(nullif(p.practice, ''), c.prescriber) AS prescriber
    FROM care c
    JOIN several ON several.member = c.member AND several.inn = c.inn
    LEFT JOIN providers p ON p.inpe = c.prescriber
    LEFT JOIN members m ON m.member = c.member
    WHERE c.kind = 'MEDICINE' AND c.prescriber IS NOT NULL
      AND c.care_date BETWEEN $until - $days AND $until
      AND coalesce(m.illnesses, '') NOT LIKE 'C%' AND coalesce(m.illnesses, '') NOT LIKE '%;C%'
      AND coalesce(m.illnesses, '') NOT LIKE 'D0%' AND coalesce(m.illnesses, '') NOT LIKE '%;D0%'
), counted AS (
    SELECT member, inn, bool_or(controlled) AS controlled, max(submitted_day) AS day,
           count(DISTINCT prescriber) AS prescribers, count(DISTINCT pharmacy) AS pharmacies,
           count(DISTINCT prescriber) FILTER (WHERE care_date > $until - $strong_days)
           AS prescribers_now,
           count(DISTINCT pharmacy) FILTER (WHERE care_date > $until - $strong_days)
           AS pharmacies_now
    FROM wide GROUP BY member, inn
)
SELECT CAST(NULL AS TEXT) AS provider, member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, day,
       CASE WHEN least(prescribers_now, pharmacies_now) >= $strong THEN 1.0
            WHEN controlled THEN 0.8 ELSE 0.6 END AS strength,
       least(prescribers, pharmacies) AS observed, $least AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"inn":"' || inn || '","prescribers":' || prescribers || ',"pharmacies":' || pharmacies
       || '}' AS evidence
FROM counted
WHERE prescribers >= $least AND pharmacies >= $least AND day BETWEEN $since AND $until
"""
