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
    SELECT v.provider, 1.0 * count(*) FILTER (WHERE v.first_other = v.last_other
                                              AND r.member IS NULL) / count(*) AS x,
           count(*) AS n,
           '{"visits":' || count(*) || ',"alone":' || count(*) FILTER (
               WHERE v.first_other = v.last_other AND r.member IS NULL) || '}' AS evidence
    FROM (SELECT DISTINCT provider, member, care_date, first_other, last_other
          FROM (SELECT provider, member, care_date,
                       min(provider) OVER around AS first_other,
                       max(provider) OVER around AS last_other
                FROM care WHERE care_date BETWEEN $until - $days - $around AND $until
                WINDOW around AS (PARTITION BY member ORDER BY care_no
                                  RANGE BETWEEN $around PRECEDING AND $around FOLLOWING)) near) v
    LEFT JOIN (SELECT DISTINCT prescriber, member, CAST(signed_at AS DATE) AS day
               FROM prescriptions) r
           ON r.prescriber = v.provider AND r.member = v.member AND r.day = v.care_date
    WHERE v.care_date BETWEEN $until - $days AND $until - $settle
    GROUP BY v.provider
""")
