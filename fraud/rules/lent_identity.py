"""LENT_IDENTITY: une identité qui sert à plusieurs corps.

Voit : trois pharmacies le même jour ; ou, en 30 jours, bien plus de cabinets de médecine générale, de
dentistes ou de spécialistes d'une même spécialité qu'une seule personne n'en voit.
Seuils : 3 pharmacies un même jour (règle 23 du catalogue) ; nombre de cabinets d'une même spécialité : à
confirmer.
Ne fait jamais : refuser ; une fusion de deux identités au registre l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="LENT_IDENTITY",
    family=Family.IDENTITY,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.MEMBER,
    inputs=("claims", "claim_lines", "providers.kind", "providers.practice"),
)

SQL = """
WITH recent AS (
    SELECT c.member, c.provider, c.practice, c.care_date, c.submitted_day, c.provider_kind,
           c.provider_kind || coalesce(p.speciality, '') AS speciality
    FROM care c JOIN providers p ON p.inpe = c.provider
    WHERE c.care_date BETWEEN $until - $days AND $until
      AND c.provider_kind NOT IN ('LABORATORY', 'RADIOLOGY', 'HOSPITAL', 'CLINIC', 'ESTABLISHMENT')
), a_day AS (
    SELECT member, max(submitted_day) AS day, count(DISTINCT practice) AS many,
           $pharmacies AS due
    FROM recent WHERE provider_kind = 'PHARMACY' GROUP BY member, care_date
    HAVING count(DISTINCT practice) >= $pharmacies
), a_month AS (
    SELECT member, max(submitted_day) AS day, count(DISTINCT practice) AS many,
           $practices AS due
    FROM recent WHERE provider_kind <> 'PHARMACY' GROUP BY member, speciality
    HAVING count(DISTINCT practice) >= $practices
), found AS (
    SELECT * FROM a_day UNION ALL SELECT * FROM a_month
), ranked AS (
    SELECT member, many, due, max(day) OVER (PARTITION BY member) AS day,
           row_number() OVER (PARTITION BY member ORDER BY many DESC, due) AS place
    FROM found WHERE day BETWEEN $since AND $until
)
SELECT CAST(NULL AS TEXT) AS provider, member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, day,
       least(1.0, 0.25 * many) AS strength, many AS observed, due AS threshold,
       CAST(NULL AS INTEGER) AS peers, '{"places":' || many || '}' AS evidence
FROM ranked WHERE place = 1
"""
