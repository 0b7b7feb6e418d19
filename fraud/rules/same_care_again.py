"""SAME_CARE_AGAIN: the same care, claimed a second time."""

from fraud.rules.facts import (
    CareFacts,
    CareKind,
    ClaimFacts,
    Detector,
    Finding,
    OtherCareFacts,
    Row,
)


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
