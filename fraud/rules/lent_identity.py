"""LENT_IDENTITY: une identité qui sert à plusieurs corps.

Voit : trois pharmacies le même jour ; ou, en 30 jours, bien plus de cabinets de médecine générale, de
dentistes ou de spécialistes d'une même spécialité qu'une seule personne n'en voit ; ou, en 120 jours, trois
jours de soins dans une spécialité que les personnes de ce sexe et de cet âge ne consultent pas.
Formule de la dernière : par sexe et tranche de 15 ans, attendu e = patients de la spécialité x part de la
tranche parmi les personnes soignées. Signalé si e >= 20 et si les autres de la tranche sont au plus 5 % de e.
Seuils : 3 pharmacies un même jour (règle 23 du catalogue) ; les autres : à confirmer.
Ne fait jamais : refuser ; une fusion de deux identités au registre l'explique.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="LENT_IDENTITY",
    family=Family.IDENTITY,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.MEMBER,
    inputs=(
        "claims",
        "claim_lines",
        "providers.kind",
        "providers.speciality",
        "providers.practice",
        "members.sex",
        "members.birth_date",
    ),
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
), alike AS (
    SELECT member, coalesce(sex, '') || CAST(floor(($until - birth_date) / 5479) AS TEXT) AS band
    FROM members WHERE birth_date IS NOT NULL
), visited AS (
    SELECT DISTINCT l.member, p.speciality, a.band
    FROM main.links l
    JOIN providers p ON p.inpe = l.provider JOIN alike a ON a.member = l.member
    WHERE l.last_day BETWEEN $until - $look_back AND $until
      AND p.kind = 'SPECIALIST' AND p.speciality IS NOT NULL
), bands AS (
    SELECT band, 1.0 * count(DISTINCT member) / sum(count(DISTINCT member)) OVER () AS part
    FROM visited GROUP BY band
), patients AS (
    SELECT speciality, count(*) AS n FROM visited GROUP BY speciality
), unlike AS (
    SELECT v.speciality, v.band
    FROM visited v
    JOIN bands b ON b.band = v.band JOIN patients p ON p.speciality = v.speciality
    WHERE p.n * b.part >= $expected
    GROUP BY v.speciality, v.band, p.n, b.part
    HAVING 10000.0 * (count(*) - 1) <= $others * p.n * b.part
), of_others AS (
    SELECT c.member, max(c.submitted_day) AS day, count(DISTINCT c.care_date) AS many,
           $times AS due
    FROM care c
    JOIN providers p ON p.inpe = c.provider JOIN alike a ON a.member = c.member
    JOIN unlike u ON u.speciality = p.speciality AND u.band = a.band
    WHERE p.kind = 'SPECIALIST' AND c.care_date BETWEEN $until - $look_back AND $until
    GROUP BY c.member, p.speciality HAVING count(DISTINCT c.care_date) >= $times
), found AS (
    SELECT *, 'places' AS counted FROM a_day UNION ALL SELECT *, 'places' FROM a_month
    UNION ALL SELECT *, 'visits' FROM of_others
), ranked AS (
    SELECT member, many, due, counted, max(day) OVER (PARTITION BY member) AS day,
           row_number() OVER (PARTITION BY member ORDER BY many DESC, due, counted) AS place
    FROM found WHERE day BETWEEN $since AND $until
)
SELECT CAST(NULL AS TEXT) AS provider, member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, day,
       1.0 AS strength, many AS observed, due AS threshold,
       CAST(NULL AS INTEGER) AS peers, '{"' || counted || '":' || many || '}' AS evidence
FROM ranked WHERE place = 1
"""
