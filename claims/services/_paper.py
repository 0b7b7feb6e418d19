"""Paper sheets at the desk: keyed in as a claim, or met with their electronic twin; never both."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.timezone import localdate

from claims import selectors
from claims.gateways import Scan
from claims.intake import ActLine, CareClaimDraft
from claims.models import Claim, PaperFile, PaperScan, PaperSheet
from claims.permissions import PAPER_READERS, PaperNotYours, check_receives_paper
from claims.rules.paper_twins import difference_of
from claims.services._lines import act_lines, known_for_care
from claims.services._pads import sheet_held
from claims.services._paper_refusals import (
    PaperAlreadyReceived,
    PaperDayWrong,
    PaperLooksReceived,
    PaperWithoutTwin,
)
from claims.services._refusals import ReasonMissing
from claims.services._review import withdraw_claim
from claims.services._submission import Arrival, judge_and_write, papers_of
from claims.services._twins import check_takes_number, lines_of, move_sheet
from claims.states import ClaimState, PaperState, SheetState
from core import audit, pipeline, seal, signatures, transitions
from core.money import format_dirhams
from core.numbers import PAPER_PREFIX, mint_fse_number
from core.signatures import SignedDocument, document_hash
from insured.models import Person
from insured.selectors import person_held
from providers.models import Provider
from providers.selectors import Signer, provider_by_inpe

Difference = PaperFile.Difference
Proof = PaperFile.Proof


@dataclass(frozen=True, slots=True)
class KeyedPaper:
    """What an agent keyed in from a paper sheet. `number` is empty on an old form without any; `seen`:
    the claims that look like it and that the agent was shown, and set aside."""

    number: str
    proof: Proof
    inpe: str
    patient: UUID
    deposited_on: date
    lines: tuple[ActLine, ...]
    treatment_end_date: date | None = None
    seen: frozenset[UUID] = frozenset()


def receive_paper(*, keyed: KeyedPaper, scan: Scan, by: Any, at: datetime) -> PaperFile:
    """Make the claim of a paper sheet, judged as one that comes by screen; if its electronic twin is
    there, keep the paper beside it and make none.

    Raises PaperNotYours, PaperDayWrong, ProviderUnknown, EntriesRefused, SheetOfAnother,
    PaperNumberUnknown, PaperNumberVoid, PaperNumberForeign, PaperAlreadyReceived, PaperLooksReceived.
    """
    check_receives_paper(by)
    _check_day(keyed.deposited_on, at)
    provider = provider_by_inpe(keyed.inpe)
    number = keyed.number or mint_fse_number(PAPER_PREFIX)
    draft = _draft(keyed, number)
    with pipeline.transaction():
        arrival = _arrival(draft, provider, keyed, scan, at)
        opened = papers_of(arrival.paper, draft)
        sheet = sheet_held(number) if keyed.number else None
        patient, acts = known_for_care(draft, arrival.patient, arrival.terms, at)
        if keyed.number:
            twin = _numbered(sheet, provider, number, opened=opened)
        else:
            twin = None
            _check_candidates(keyed, provider)
        if twin is None:
            sheet = sheet or _loose(number, provider, by, at)
            claim = _claim(draft, patient, provider, by, arrival.filed_at)
            lines = act_lines(claim, draft.lines, acts, arrival.terms)
            judge_and_write(claim, lines, arrival, by=by, at=at)
            pipeline.send_what_waits()
            move_sheet(sheet, SheetState.RECEIVED, by=by, at=at)
            desk = _Desk(claim, sheet, keyed.proof, keyed.deposited_on, claim.charged_centimes)
            return _write(desk, PaperState.RECEIVED, scan, by=by, at=at)
        said = lines_of(draft.lines)
        difference = difference_of(selectors.billed_lines(twin), said)
        charged = sum(line.charged for line in said)
        desk = _Desk(twin, sheet, keyed.proof, keyed.deposited_on, charged, difference)
        return _meet(desk, scan, by=by, at=at)


@dataclass(frozen=True, slots=True)
class MetPaper:
    """What an agent says of a paper whose claim is there: its total in centimes, and what differs."""

    number: str
    proof: Proof
    claim: UUID
    deposited_on: date
    charged_centimes: int
    note: str = ""


def join_paper(*, met: MetPaper, scan: Scan, by: Any, at: datetime) -> PaperFile:
    """Keep a paper sheet beside the claim it stands for; nothing of the claim changes.

    Raises PaperNotYours, PaperDayWrong, PaperWithoutTwin, PaperNumberVoid, PaperAlreadyReceived.
    """
    check_receives_paper(by)
    _check_day(met.deposited_on, at)
    with pipeline.transaction():
        claim = _claim_held(met)
        sheet = sheet_held(met.number) if met.number else None
        _check_new(claim=claim)
        if sheet is not None:
            _check_new(sheet=sheet, provider=claim.provider)
        note = met.note.strip()
        difference = "" if not note else str(Difference.SAID)
        if met.charged_centimes != claim.charged_centimes:
            difference = str(Difference.AMOUNT)
        desk = _Desk(
            claim, sheet, met.proof, met.deposited_on, met.charged_centimes, difference, note
        )
        return _meet(desk, scan, by=by, at=at)


def settle_paper(*, paper: PaperFile, reason: str, by: Any, at: datetime) -> None:
    """Close the question of a paper that differs, with what was found; the claim is not touched.

    Raises PaperNotYours, ReasonMissing, TransitionRefused.
    """
    check_receives_paper(by)
    with pipeline.transaction():
        _decide(paper, PaperState.SETTLED, reason, "settled", by=by, at=at)


def withdraw_paper(*, paper: PaperFile, reason: str, by: Any, at: datetime) -> None:
    """Take back what was keyed in wrongly: its claim is cancelled, its number may be keyed in again.

    Raises PaperNotYours, ReasonMissing, TransitionRefused (its twin came, or it is approved already).
    """
    check_receives_paper(by)
    with pipeline.transaction():
        pipeline.ask(person_held(paper.patient_id, number=paper.claim.sheet.fse_number))
        _decide(paper, PaperState.WITHDRAWN, reason, "withdrawn", by=by, at=at)
        withdraw_claim(paper.claim, reason=reason, by=by, at=at)
        if paper.sheet is not None:
            move_sheet(paper.sheet, SheetState.BLANK, by=by, at=at)


def _decide(
    paper: PaperFile, to: PaperState, reason: str, deed: str, *, by: Any, at: datetime
) -> None:
    if not reason.strip():
        raise ReasonMissing(pointer="/reason")
    transitions.move(paper, to, by=by, at=at, reason=reason.strip())
    audit.record(
        by=by,
        at=at,
        action=f"claims.paperfile.{deed}",
        subject=paper,
        insured_id=paper.insured_id,
        after={"reason": reason.strip()},
    )


def read_paper(*, paper_id: UUID, by: Any, at: datetime) -> PaperFile | None:
    """Return a paper received, its reading recorded, or None."""
    paper = selectors.papers().filter(pk=paper_id).first()
    if paper is not None:
        audit.record(
            by=by, at=at, action="claims.paperfile.read", subject=paper, insured_id=paper.insured_id
        )
    return paper


def record_paper_export(*, rows: int, query: str, by: Any, at: datetime) -> None:
    """Record that a person took the list of papers out of the product. Raises PaperNotYours."""
    if by.role not in PAPER_READERS:
        raise PaperNotYours
    after = {"rows": rows, "query": query}
    audit.record(by=by, at=at, action="claims.papers.exported", subject=by, after=after)


def _check_day(deposited_on: date, at: datetime) -> None:
    today = localdate(at)
    days = selectors.keying_days(today)
    if not today - timedelta(days=days) <= deposited_on <= today:
        raise PaperDayWrong(pointer="/deposited_on", days=days)


def _draft(keyed: KeyedPaper, number: str) -> CareClaimDraft:
    return CareClaimDraft(
        fse_number=number,
        device="",
        inpe=keyed.inpe,
        patient=keyed.patient,
        third_party_payment=False,
        treatment_end_date=keyed.treatment_end_date,
        lines=keyed.lines,
    )


def _arrival(
    draft: CareClaimDraft, provider: Provider, keyed: KeyedPaper, scan: Scan, at: datetime
) -> Arrival:
    """Hold the household and the number, and read what the checks need, as for what comes by screen."""
    document = {**_document(draft, keyed.deposited_on, scan), "keyed_at": at.isoformat()}
    digest = document_hash(document)
    patient, paper, terms = pipeline.ask(
        person_held(draft.patient, number=draft.fse_number),
        selectors.paper_of(draft.fse_number, digest),
        selectors.current_terms(),
    )
    return Arrival(
        signed=SignedDocument(document, signatures.sign(document, seal.private_key())),
        digest=digest,
        number=draft.fse_number,
        patient=patient,
        paper=paper,
        signer=Signer(provider, None, None),
        terms=terms,
        received=None,
        key_valid_at=at,
        filed_at=_filed_at(keyed.deposited_on, at),
    )


def _filed_at(deposited_on: date, at: datetime) -> datetime:
    """The instant a deposit counts from: now if it is of today, else the noon of its day."""
    if deposited_on == localdate(at):
        return at
    return timezone.make_aware(datetime.combine(deposited_on, time(12)))


def _document(draft: CareClaimDraft, deposited_on: date, scan: Scan) -> dict[str, Any]:
    """What the server's seal signs: what was keyed in, and of which picture."""
    end = draft.treatment_end_date
    return {
        "type": "waraqa/paper-claim",
        "version": 1,
        "fse_number": draft.fse_number,
        "provider": draft.inpe,
        "patient": str(draft.patient),
        "deposited_on": deposited_on.isoformat(),
        "treatment_end_date": end.isoformat() if end else None,
        "scan_sha256": scan.sha256,
        "lines": [
            {
                "position": line.position,
                "act": line.act,
                "quantity": line.quantity,
                "charged": format_dirhams(line.charged_centimes),
                "care_date": line.care_date.isoformat(),
                "illness": line.illness,
            }
            for line in draft.lines
        ],
    }


def _numbered(
    sheet: PaperSheet | None, provider: Provider, number: str, *, opened: bool
) -> Claim | None:
    """Return the electronic twin of a numbered paper. Raises PaperNumberForeign, PaperAlreadyReceived."""
    if sheet is not None:
        check_takes_number(sheet, provider, opened=opened)
        _check_new(sheet=sheet, provider=provider)
    twin = selectors.twin_of(number, provider.pk)
    if twin is not None:
        _check_new(claim=twin)
    elif sheet is None:
        raise PaperWithoutTwin
    return twin


def _check_new(**wanted: Any) -> None:
    """Raise PaperAlreadyReceived if a paper was received for this claim, or this sheet and provider."""
    known = selectors.living_paper(**wanted)
    if known is not None:
        raise PaperAlreadyReceived(
            number=known.claim.sheet.fse_number, day=f"{localdate(known.received_at):%d/%m/%Y}"
        )


def _check_candidates(keyed: KeyedPaper, provider: Provider) -> None:
    """Raise PaperLooksReceived if a claim looks like this paper that the agent was not shown."""
    found = selectors.candidates(
        patient_id=keyed.patient, provider_id=provider.pk, lines=lines_of(keyed.lines)
    )
    for each in unseen(found, keyed.seen):
        raise PaperLooksReceived(number=each.claim.sheet.fse_number)


def unseen(
    found: Sequence[selectors.Candidate], seen: Collection[UUID]
) -> list[selectors.Candidate]:
    """Return the candidates that are not among those shown."""
    return [each for each in found if each.claim.pk not in seen]


def _loose(number: str, provider: Provider, by: Any, at: datetime) -> PaperSheet:
    """Give an old form its number."""
    sheet = PaperSheet(fse_number=number, provider=provider, state=SheetState.RECEIVED)
    sheet.save(force_insert=True)
    transitions.born(sheet, by=by, at=at)
    return sheet


def _claim(
    draft: CareClaimDraft, patient: Person, provider: Provider, by: Any, filed_at: datetime
) -> Claim:
    return Claim(
        insured=patient.insured,
        patient=patient,
        provider=provider,
        kind=Claim.Kind.CARE,
        state=ClaimState.SUBMITTED,
        author=by,
        device=None,
        third_party_payment=False,
        treatment_end_date=draft.treatment_end_date,
        received_at=filed_at,
        received_date=localdate(filed_at),
    )


def _claim_held(met: MetPaper) -> Claim:
    """Hold the household and the number of a claim, then read it. Raises PaperWithoutTwin."""
    known = Claim.objects.select_related("sheet").filter(pk=met.claim).first()
    if known is None or met.number not in ("", known.sheet.fse_number):
        raise PaperWithoutTwin
    pipeline.ask(person_held(known.patient_id, number=known.sheet.fse_number))
    claim = selectors.living_claims(known.sheet.fse_number).filter(pk=known.pk).first()
    if claim is None:
        raise PaperWithoutTwin
    return claim


@dataclass(frozen=True, slots=True)
class _Desk:
    """What is written of a paper: the claim it stands for, how it came, and what differs."""

    claim: Claim
    sheet: PaperSheet | None
    proof: Proof
    deposited_on: date
    charged_centimes: int
    difference: str = ""
    note: str = ""


def _meet(desk: _Desk, scan: Scan, *, by: Any, at: datetime) -> PaperFile:
    if desk.sheet is not None and desk.sheet.provider_id == desk.claim.provider_id:
        move_sheet(desk.sheet, SheetState.MERGED, by=by, at=at)
    state = PaperState.QUESTIONED if desk.difference else PaperState.MERGED
    return _write(desk, state, scan, by=by, at=at)


def _write(desk: _Desk, state: PaperState, scan: Scan, *, by: Any, at: datetime) -> PaperFile:
    claim = desk.claim
    paper = PaperFile.objects.create(
        sheet=desk.sheet,
        provider_id=claim.provider_id,
        insured_id=claim.insured_id,
        patient_id=claim.patient_id,
        claim=claim,
        proof=desk.proof,
        deposited_on=desk.deposited_on,
        charged_centimes=desk.charged_centimes,
        difference=desk.difference,
        note=desk.note,
        received_by=by,
        received_at=at,
        state=state,
    )
    PaperScan.objects.create(
        file=paper, media_type=scan.media_type, sha256=scan.sha256, content=scan.content
    )
    transitions.born(paper, by=by, at=at)
    audit.record(
        by=by,
        at=at,
        action="claims.paperfile.received",
        subject=paper,
        insured_id=paper.insured_id,
        after={
            "fse_number": claim.sheet.fse_number,
            "scan": scan.sha256,
            "state": str(state),
            "difference": desk.difference,
        },
    )
    return paper
