"""LONG_DAYS: des journées trop longues pour une personne.

Voit : les minutes usuelles des actes d'un jour, pour un professionnel qui exerce seul : plus de 16 heures
au moins trois jours sur trente, plus de 24 heures un jour, ou, plus faible, plus de 12 heures un jour.
Force : la plus longue journée sur 16 heures.
Seuils : 16 h sur 3 jours en 30, 24 h, 12 h (règle 10 du catalogue) ; les minutes par lettre sont des réglages à
confirmer.
Ne fait jamais : refuser ; ne compte ni cliniques, ni laboratoires, ni imagerie, ni lettres sans durée
connue.
"""

from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="LONG_DAYS",
    family=Family.TIME,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.PROVIDER,
    inputs=("claim_lines.letter", "letters.minutes", "providers.kind"),
)

SQL = """
WITH days AS (
    SELECT d.provider, d.day, d.minutes
    FROM provider_days d JOIN providers p ON p.inpe = d.provider
    WHERE d.day BETWEEN $until - $days AND $until
      AND p.kind IN ('GENERAL_PRACTITIONER', 'SPECIALIST', 'DOCTOR', 'DENTIST', 'PARAMEDIC')
), counted AS (
    SELECT provider, count(*) FILTER (WHERE minutes > $long_minutes) AS long_days,
           count(*) FILTER (WHERE minutes > $most_minutes) AS impossible_days,
           max(minutes) AS longest
    FROM days GROUP BY provider
)
SELECT provider, CAST(NULL AS TEXT) AS member, CAST(NULL AS TEXT) AS other,
       CAST(NULL AS TEXT) AS claim, CAST(NULL AS TEXT) AS line, $until AS day,
       least(1.0, 1.0 * longest / $long_minutes) AS strength,
       longest AS observed,
       CASE WHEN impossible_days > 0 THEN $most_minutes WHEN long_days >= $times THEN $long_minutes
            ELSE $alone_minutes END AS threshold, CAST(NULL AS INTEGER) AS peers,
       '{"long_days":' || long_days || ',"impossible_days":' || impossible_days || ',"longest":'
       || longest || '}' AS evidence
FROM counted
WHERE impossible_days > 0 OR long_days >= $times OR longest > $alone_minutes
"""
