"""CARE_AFTER_DEATH: care dated after the patient's death."""

from fraud.rules.facts import ClaimFacts, Detector, Finding, Row


def care_after_death(facts: ClaimFacts) -> Finding | None:
    """Soin ou délivrance daté d'un jour postérieur au décès du bénéficiaire.

    Le jour même du décès n'est pas signalé. Ne refuse jamais : 11 % des dates de décès examinées
    par l'OIG (États-Unis, 2011) étaient fausses ; une personne vérifie à l'état civil.
    Source : catalogue des contrôles, règle 8 ; seuil : la date de décès du registre, un fait.
    """
    if facts.death_date is None:
        return None
    death_date = facts.death_date
    rows: tuple[Row, ...] = tuple(
        {
            "position": line.position,
            "code": line.code,
            "care_date": line.care_date.isoformat(),
            "death_date": death_date.isoformat(),
            "days_after": (line.care_date - death_date).days,
        }
        for line in facts.lines
        if line.care_date > death_date
    )
    return Finding(Detector.CARE_AFTER_DEATH, death_date.isoformat(), rows) if rows else None
