"""Paid as shown: the first decision of a claim whose amounts were shown without network."""

from collections import Counter
from datetime import datetime, timedelta

from claims import selectors
from claims.adjudication.as_shown import Cause, Difference, Known, compare
from claims.intake import Shown
from claims.models import Claim, ShownAmount
from claims.selectors import Surroundings
from claims.services._judgement import Judged, keep_law
from core.money import BASIS_POINTS
from prescriptions.selectors.requests import guarantee_of

_HONOURED = {
    "lists": Cause.PACK_OLDER,
    "law": Cause.LAW_CHANGED,
    "used": Cause.CEILING_REACHED,
}


def as_shown(
    judged: Judged, shown: Shown, claim: Claim, around: Surroundings, *, at: datetime
) -> tuple[Judged, list[ShownAmount]]:
    """Return the judgement that counts, and a row for each line it tells otherwise than the screen.

    Never less than `judged`. The rows are not yet written. Raises NoLawInForce.
    """
    if shown.known is None:
        return judged, _unexplained(judged, shown, claim, at)
    today = Known(judged.facts, selectors.law())
    terms = selectors.law().at(shown.day).numbers("offline.as_shown")
    found = compare(
        shown.known,
        today,
        honours=_honours(terms, shown, claim, today),
        most=terms["most"],
    )
    rows = [_row(claim, shown, each, at, honoured=found.honoured) for each in found.differences]
    if not found.honoured:
        return judged, rows
    keep_law(found.known.law, at)
    uses = selectors.uses_of(judged.case, found.decision, around.terms)
    return Judged(judged.case, found.known.facts, found.decision, uses), rows


def _honours(terms: dict[str, int], shown: Shown, claim: Claim, today: Known) -> frozenset[Cause]:
    """The changes the fund bears: of lists and law by the law; of what was used elsewhere, where the
    device knew the patient lately; of rights it knew as lately, with a presence proof of the whole."""
    honoured = {cause for name, cause in _HONOURED.items() if terms[name]}
    is_recent = shown.seen_on and shown.day - shown.seen_on <= timedelta(days=terms["known"])
    if not is_recent or _used_by_itself(shown, claim, today):
        honoured.discard(Cause.CEILING_REACHED)
    if is_recent and _is_guaranteed(claim, shown):
        honoured.add(Cause.RIGHTS_CHANGED)
    return frozenset(honoured)


def _used_by_itself(shown: Shown, claim: Claim, today: Known) -> bool:
    """Whether some of what was used since is the provider's own care: facts of before do not hide it."""
    if shown.known is None:
        return False
    now, before = (
        Counter((*each.facts.paid_before, *each.facts.used_before)) for each in (today, shown.known)
    )
    since = now - before
    own = selectors.uses_by(patient_id=claim.patient_id, provider_id=claim.provider_id)
    return bool(since) and not since.keys().isdisjoint(own)


def _is_guaranteed(claim: Claim, shown: Shown) -> bool:
    proof = claim.dispensing.presence if claim.dispensing else None
    if proof is None or not claim.third_party_payment:
        return False
    share, _reference = guarantee_of(proof.level, shown.day)
    return share == BASIS_POINTS


def _row(
    claim: Claim, shown: Shown, each: Difference, at: datetime, *, honoured: bool
) -> ShownAmount:
    return ShownAmount(
        claim=claim,
        insured_id=claim.insured_id,
        position=each.position,
        pack=shown.pack,
        shown_centimes=each.shown,
        standing_centimes=each.standing,
        paid_centimes=each.paid,
        causes=list(each.causes),
        is_honoured=honoured,
        at=at,
    )


def _unexplained(judged: Judged, shown: Shown, claim: Claim, at: datetime) -> list[ShownAmount]:
    """Amounts that nothing supports: told beside what today's facts give."""
    why = (shown.fault or Cause.NOT_OF_THE_ENGINE,)
    told = [
        Difference(int(line.id), shown.lines[int(line.id)], line.reimbursed, line.reimbursed, why)
        for line in judged.judgement.lines
        if shown.lines.get(int(line.id), line.reimbursed) != line.reimbursed
    ]
    return [_row(claim, shown, each, at, honoured=False) for each in told]
