"""CARE_AFTER_DEATH: soin ou délivrance daté d'un jour postérieur au décès du bénéficiaire.

Formule : jour du soin > jour du décès ; le jour même n'est pas signalé.
Seuil : un fait, la date de décès du registre. Source : catalogue des contrôles, règle 8.
Ne fait jamais : refuser ; 11 % des dates de décès examinées par l'OIG (2011) étaient fausses, une personne
vérifie.
"""

from fraud.rules.facts import ClaimFacts, Detector, Finding, Row
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="CARE_AFTER_DEATH",
    family=Family.RIGHTS,
    kind=Kind.FACT,
    action=Action.HOLD,
    level=Level.CLAIM,
    inputs=("members.death_date", "claim_lines.care_date"),
)

SQL = """
SELECT c.provider, c.member, CAST(NULL AS TEXT) AS other, c.claim, c.line, c.submitted_day AS day,
       1.0 AS strength, c.care_date - m.death_date AS observed, 0 AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"code":"' || c.code || '","care_date":"' || c.care_date || '","death_date":"'
       || m.death_date || '"}' AS evidence
FROM care c JOIN members m ON m.member = c.member
WHERE c.care_date > m.death_date AND c.submitted_day BETWEEN $since AND $until
"""


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
