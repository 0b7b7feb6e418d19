"""MORE_THAN_A_DAY: les durées usuelles des actes d'un professionnel dépassent 24 heures dans une journée.

Formule : somme des minutes usuelles des actes d'un jour > 1 440 ; la demande qui fait passer le seuil est
signalée.
Seuil : la durée du jour (règle 10 du catalogue) ; les minutes par lettre clé sont des réglages à confirmer.
Ne fait jamais : refuser ; un cabinet ou une clinique qui facture sous un seul numéro l'explique, et n'est
pas compté la nuit.
"""

from fraud.rules.facts import ClaimFacts, Detector, Finding, Row
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="MORE_THAN_A_DAY",
    family=Family.TIME,
    kind=Kind.STATISTIC,
    action=Action.HOLD,
    level=Level.CLAIM,
    inputs=("claim_lines.letter", "letters.minutes"),
)

SQL = """
WITH running AS (
    SELECT c.provider, c.member, c.claim, c.line, c.submitted_day, c.care_date, c.minutes,
           sum(c.minutes) OVER (PARTITION BY c.provider, c.care_date
                                ORDER BY c.submitted_at, c.claim, c.line
                                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS spent
    FROM care c
    WHERE c.kind = 'ACT' AND c.provider_kind IN ('GENERAL_PRACTITIONER', 'SPECIALIST', 'DOCTOR',
                                                 'DENTIST', 'PARAMEDIC')
      AND (c.provider, c.care_date) IN (SELECT provider, day FROM provider_days WHERE minutes > 1440)
)
SELECT provider, member, CAST(NULL AS TEXT) AS other, claim, line, submitted_day AS day,
       1.0 AS strength, spent AS observed, 1440 AS threshold, CAST(NULL AS INTEGER) AS peers,
       '{"care_date":"' || care_date || '","minutes":' || spent || '}' AS evidence
FROM running
WHERE spent > 1440 AND minutes > 0 AND submitted_day BETWEEN $since AND $until
"""

MINUTES_A_DAY = 24 * 60


def more_than_a_day(facts: ClaimFacts) -> Finding | None:
    """Les durées usuelles des actes d'un professionnel dépassent 24 heures dans une journée.

    1 440 minutes exactement ne sont pas signalées, 1 441 le sont. Les durées par lettre clé sont
    des réglages dont la source reste à confirmer (`act_minutes` de la loi) : elles valent indice.
    Ne refuse jamais, et ne compte ni les médicaments ni les actes sans durée connue : un cabinet de
    groupe peut facturer sous un seul numéro, une personne le dit.
    Source : catalogue des contrôles, règle 10 (« plus de 24 h un jour ») ; seuil : la durée du jour.
    """
    rows: tuple[Row, ...] = tuple(
        {"day": each.day.isoformat(), "minutes": each.minutes, "limit": MINUTES_A_DAY}
        for each in facts.days
        if each.minutes > MINUTES_A_DAY
    )
    return Finding(Detector.MORE_THAN_A_DAY, str(MINUTES_A_DAY), rows) if rows else None
