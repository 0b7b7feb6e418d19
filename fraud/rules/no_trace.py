"""NO_TRACE: des soins sans aucune trace autour.

Voit : part des visites d'un professionnel où la personne n'a, à 30 jours près, ni autre professionnel ni
ordonnance signée par lui ce jour-là, contre ses pairs.
Seuil : rz > 3,5, 10 points au moins (règle 21 du catalogue) ; les deux dernières semaines, encore
incomplètes, ne comptent pas.
Ne fait jamais : refuser ; une patientèle jeune et saine l'explique. Le jeton de visite et la réponse de
l'assuré, que le produit ne tient pas encore, ne sont pas lus.
"""

from fraud.rules.peers import outliers
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="NO_TRACE",
    family=Family.PEER,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("claims", "prescriptions", "links"),
)

SQL = outliers("""
    WITH visits AS (
        SELECT DISTINCT provider, member, care_date, care_no FROM care
        WHERE care_date BETWEEN $until - $days - $around AND $until
    ), crossed AS (
        SELECT DISTINCT a.provider, a.member, a.care_no
        FROM visits a JOIN visits b ON b.member = a.member AND b.provider <> a.provider
         AND b.care_no BETWEEN a.care_no - $around AND a.care_no + $around
        WHERE a.care_date BETWEEN $until - $days AND $until - $settle
    ), signed AS (
        SELECT DISTINCT prescriber, member, CAST(signed_at AS DATE) AS day FROM prescriptions
        WHERE signed_at >= CAST($until - $days AS TIMESTAMPTZ)
          AND signed_at < CAST($until - $settle + 1 AS TIMESTAMPTZ)
    )
    SELECT v.provider,
           1.0 * count(*) FILTER (WHERE c.member IS NULL AND s.member IS NULL) / count(*) AS x,
           count(*) AS n,
           '{"visits":' || count(*) || ',"alone":'
           || count(*) FILTER (WHERE c.member IS NULL AND s.member IS NULL) || '}' AS evidence
    FROM visits v
    LEFT JOIN crossed c
           ON c.provider = v.provider AND c.member = v.member AND c.care_no = v.care_no
    LEFT JOIN signed s
           ON s.prescriber = v.provider AND s.member = v.member AND s.day = v.care_date
    WHERE v.care_date BETWEEN $until - $days AND $until - $settle
    GROUP BY v.provider
""")
