"""MORE_THAN_A_DAY: a provider's day that would last more than 24 hours."""

from fraud.rules.facts import ClaimFacts, Detector, Finding, Row

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
