"""Reading pads, paper sheets and what came back on paper."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from claims.models import CareSheet, Claim, ClaimLine, PaperFile, PaperPad, PaperSheet
from claims.permissions import PAD_READERS
from claims.rules.paper_twins import BilledLine
from claims.selectors._facts import WITHOUT_EFFECT
from claims.selectors._reading import law
from claims.states import PaperState, SheetState
from providers.models import Provider
from providers.selectors import provider_ids_signed_by


def pad_rules(day: date) -> dict[str, int]:
    """Return the sheets of a pad (`smallest`, `largest`) and the blank ones one may hold (`blank`)."""
    return law().at(day).numbers("paper.pads")


def keying_days(day: date) -> int:
    """Return how long after its deposit a paper sheet may be keyed in, in days."""
    return law().at(day).delay("paper_keying_days")


def pads_visible_to(viewer: Any, *, on: date) -> QuerySet[PaperPad]:
    """Return pads, with their blank sheets counted: all for the office, theirs for who signs."""
    blank = Count("sheets", filter=Q(sheets__state=SheetState.BLANK))
    pads = PaperPad.objects.select_related("provider", "ordered_by").annotate(blank=blank)
    if viewer.role in PAD_READERS:
        return pads.order_by("-issued_on", "-id")
    return pads.filter(provider__in=provider_ids_signed_by(viewer, on)).order_by("-id")


def sheets_of(pad: PaperPad) -> list[PaperSheet]:
    """Return the sheets of a pad in their order, each with the papers received under it."""
    return list(PaperSheet.objects.filter(pad=pad).prefetch_related("files"))


def sheets_to_print(pad: PaperPad) -> list[PaperSheet]:
    """Return the sheets of a pad that are not void, in their order."""
    return list(PaperSheet.objects.filter(pad=pad).exclude(state=SheetState.VOID))


def blank_sheets(provider: Provider) -> int:
    """Return how many blank sheets a provider holds."""
    return PaperSheet.objects.filter(
        provider=provider, pad__isnull=False, state=SheetState.BLANK
    ).count()


def sheet_of_number(number: str) -> PaperSheet | None:
    """Return the paper sheet that bears a number."""
    return PaperSheet.objects.select_related("pad", "provider").filter(fse_number=number).first()


def opened_sheet(number: str) -> CareSheet | None:
    """Return the care sheet of a number, once something was billed under it."""
    return CareSheet.objects.filter(fse_number=number).first()


def living_claims(number: str) -> QuerySet[Claim]:
    """Return the claims under a number that count, the first received first."""
    return (
        Claim.objects.filter(sheet__fse_number=number)
        .exclude(state__in=WITHOUT_EFFECT)
        .select_related("sheet", "provider", "patient", "insured")
        .order_by("received_at", "id")
    )


def twin_of(number: str, provider_id: UUID) -> Claim | None:
    """Return a provider's living care claim under a number, if there is one."""
    return living_claims(number).filter(provider_id=provider_id, kind=Claim.Kind.CARE).first()


def living_paper(**wanted: Any) -> PaperFile | None:
    """Return the paper received for a claim, or for a sheet and a provider, if it was not withdrawn."""
    return (
        PaperFile.objects.exclude(state=PaperState.WITHDRAWN)
        .select_related("claim__sheet", "provider", "sheet")
        .filter(**wanted)
        .first()
    )


def papers() -> QuerySet[PaperFile]:
    """Return what came on paper, the newest first."""
    return PaperFile.objects.select_related(
        "claim__sheet", "provider", "patient", "sheet", "received_by"
    ).order_by("-received_at", "-id")


def billed_lines(claim: Claim) -> list[BilledLine]:
    """Return the lines of a care claim as they are compared."""
    rows = ClaimLine.objects.filter(claim=claim, act__isnull=False).values_list(
        "act__code", "care_date", "quantity", "charged_centimes"
    )
    return [BilledLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that an unnumbered paper may stand for, and what agrees."""

    claim: Claim
    lines: tuple[BilledLine, ...]
    same_acts: bool
    same_amount: bool


def candidates(
    *, patient_id: UUID, provider_id: UUID, lines: Iterable[BilledLine]
) -> list[Candidate]:
    """Return the living care claims of a patient with a provider on one of these days, the likeliest
    first; none of them is chosen here."""
    wanted = list(lines)
    days = {line.care_date for line in wanted}
    claims = (
        Claim.objects.filter(
            patient_id=patient_id,
            provider_id=provider_id,
            kind=Claim.Kind.CARE,
            lines__care_date__in=days,
        )
        .exclude(state__in=WITHOUT_EFFECT)
        .select_related("sheet", "provider", "patient", "insured")
        .distinct()
    )
    found = [_candidate(claim, wanted) for claim in claims]
    return sorted(found, key=lambda each: (-(each.same_acts + each.same_amount), each.claim.pk))


def _candidate(claim: Claim, wanted: Sequence[BilledLine]) -> Candidate:
    lines = tuple(billed_lines(claim))
    return Candidate(
        claim,
        lines,
        same_acts=sorted((x.act, x.care_date) for x in lines)
        == sorted((x.act, x.care_date) for x in wanted),
        same_amount=claim.charged_centimes == sum(line.charged for line in wanted),
    )
