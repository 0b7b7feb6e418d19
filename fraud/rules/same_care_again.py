"""SAME_CARE_AGAIN: le même soin demandé une seconde fois.

Voit : même bénéficiaire, même professionnel, même jour et même soin dans une autre demande.
Formule : une ligne déposée plus tôt porte les mêmes quatre valeurs ; seule la plus tardive est signalée.
Ne compte pas : un acte de la liste des actes répétés le même jour ; un médicament sous le même numéro FSE
(reste dû d'une ordonnance) ; deux actes dont les heures sont connues et assez éloignées.
Seuil : un fait ; écart d'heures : réglage à confirmer. Source : catalogue des contrôles, règle 1.
Ne fait jamais : refuser une première demande, ni toucher une demande rejetée ou annulée.
"""

from fraud.rules.facts import (
    CareFacts,
    CareKind,
    ClaimFacts,
    Detector,
    Finding,
    OtherCareFacts,
    Row,
)
from fraud.rules.rule import Action, Family, Kind, Level, Rule

RULE = Rule(
    name="SAME_CARE_AGAIN",
    family=Family.DUPLICATE,
    kind=Kind.FACT,
    action=Action.HOLD,
    level=Level.CLAIM,
    inputs=("claims", "claim_lines", "claim_lines.started_at", "acts.twice_a_day"),
)

SQL = """
SELECT later.provider, later.member, CAST(NULL AS TEXT) AS other, later.claim, later.line,
       later.submitted_day AS day, 1.0 AS strength, count(*) + 1 AS observed, 1 AS threshold,
       CAST(NULL AS INTEGER) AS peers,
       '{"code":"' || later.code || '","care_date":"' || later.care_date
       || '","other_claim":"' || min(earlier.claim) || '"}' AS evidence
FROM care later
JOIN care earlier
  ON earlier.member = later.member AND earlier.provider = later.provider
 AND earlier.care_date = later.care_date AND earlier.kind = later.kind
 AND earlier.code = later.code AND earlier.claim <> later.claim
WHERE later.submitted_day BETWEEN $since AND $until
  AND (earlier.submitted_at < later.submitted_at
       OR earlier.submitted_at = later.submitted_at AND earlier.claim < later.claim)
  AND NOT later.twice_a_day
  AND NOT (later.kind = 'MEDICINE' AND earlier.fse_number = later.fse_number)
  AND (later.started_at IS NULL OR earlier.started_at IS NULL
       OR abs(extract(epoch FROM later.started_at - earlier.started_at)) < 60 * $minutes_apart)
GROUP BY later.provider, later.member, later.claim, later.line, later.submitted_day, later.code,
         later.care_date
"""


def same_care_again(facts: ClaimFacts) -> Finding | None:
    """Même bénéficiaire, même professionnel, même jour et même soin dans une autre demande.

    La demande déposée la première n'est jamais signalée, sauf si la seconde est déjà bonne à payer.
    Ne compte pas : une demande rejetée ou annulée ; deux lignes d'une même demande ; un médicament
    délivré deux fois le même jour sous le même numéro FSE, car c'est le reste dû d'une ordonnance,
    dont la base de données borne les boîtes. Ne refuse jamais : un acte peut être légitimement
    répété dans la journée, une personne le dit.
    Source : catalogue des contrôles, règle 1 (refus des doublons de SESAM-Vitale) ; seuil : un fait.
    """
    rows: tuple[Row, ...] = tuple(
        {
            "position": line.position,
            "code": line.code,
            "care_date": line.care_date.isoformat(),
            "other_claim": other.claim_id,
            "other_fse_number": other.fse_number,
            "other_position": other.position,
        }
        for line in facts.lines
        for other in facts.others
        if _is_the_same(line, other) and _counts(facts, line, other)
    )
    return Finding(Detector.SAME_CARE_AGAIN, "1", rows) if rows else None


def _is_the_same(line: CareFacts, other: OtherCareFacts) -> bool:
    return (line.kind, line.code, line.care_date) == (other.kind, other.code, other.care_date)


def _counts(facts: ClaimFacts, line: CareFacts, other: OtherCareFacts) -> bool:
    if other.claim_id == facts.claim_id:
        return False
    if line.kind == CareKind.MEDICINE and other.fse_number == facts.fse_number:
        return False
    came_first = (other.received_at, other.claim_id) < (facts.received_at, facts.claim_id)
    return came_first or other.is_payable
