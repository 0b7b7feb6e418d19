"""The pharmacist's pages."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import Role
from claims.presenters.counter_papers import labels_pdf, owing_pdf, receipt_pdf
from claims.services import read_claim
from claims.views.role_page import RolePage
from core import clock

PAPERS = {"etiquettes": labels_pdf, "reste": owing_pdf, "recu": receipt_pdf}

PHARMACY_ROLES = frozenset({Role.PHARMACIST})


class Counter(RolePage):
    """The counter: one field to scan into, prescribed and scanned side by side, what the patient pays."""

    template_name = "pharmacy/counter.html"
    roles = PHARMACY_ROLES


class History(RolePage):
    """What this pharmacy dispensed, day by day."""

    template_name = "pharmacy/history.html"
    roles = PHARMACY_ROLES


class Requests(RolePage):
    """What this pharmacy asked prescribers, and what they answered."""

    template_name = "care/requests.html"
    roles = PHARMACY_ROLES
    extra_context: ClassVar[dict[str, str]] = {"side": "pharmacy"}


class Papers(RolePage):
    """A dispensing of this pharmacy on paper: labels, the owing slip, or the receipt; printed again at will."""

    roles = PHARMACY_ROLES

    def get(self, request: HttpRequest, *args: object, **kwargs: Any) -> HttpResponse:
        """Return the PDF. Raises Http404 for another's claim, or a paper that does not exist."""
        draw = PAPERS.get(kwargs["kind"])
        claim = read_claim(claim_id=kwargs["claim_id"], by=request.user, at=clock.now())
        if draw is None or claim is None or claim.dispensing_id is None:
            raise Http404
        return HttpResponse(draw(claim), content_type="application/pdf")


class Statements(RolePage):
    """What the fund paid this pharmacy, each with its statement."""

    template_name = "pharmacy/statements.html"
    roles = PHARMACY_ROLES
