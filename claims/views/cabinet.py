"""The doctor's pages, and the QR code of an FSE number."""

from io import BytesIO
from typing import Any, ClassVar

import segno
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import Role
from claims.views.role_page import RolePage
from core.numbers import is_fse_number
from prescriptions.states import PrescriptionState

WRITING_ROLES = frozenset({Role.PRESCRIBER, Role.DELEGATE})
# Laboratories and radiology bill through their own software, and follow here what it sent.
PRACTICE_ROLES = WRITING_ROLES | {Role.LABORATORY, Role.RADIOLOGY}
# Statements are for who signs: a delegate prepares, and is not paid.
SIGNING_ROLES = PRACTICE_ROLES - {Role.DELEGATE}
QR_BORDER = 4  # modules of quiet zone, as ISO/IEC 18004 asks


class Day(RolePage):
    """What this practice sent today, and the card that makes of this browser a signing device."""

    template_name = "cabinet/day.html"
    roles = PRACTICE_ROLES


class Write(RolePage):
    """One consultation: the patient, the prescription, the acts, one signature for both."""

    template_name = "cabinet/write.html"
    roles = WRITING_ROLES


class Sent(RolePage):
    """The confirmation of one sheet: its number, its QR code, what was decided and why."""

    template_name = "cabinet/sent.html"
    roles = PRACTICE_ROLES


class History(RolePage):
    """Every sheet this practice sent, day by day."""

    template_name = "cabinet/history.html"
    roles = PRACTICE_ROLES


class Followed(RolePage):
    """What became of the practice's prescriptions, and its register of narcotics."""

    template_name = "cabinet/followed.html"
    roles = WRITING_ROLES
    extra_context: ClassVar[dict[str, Any]] = {"states": PrescriptionState.choices}


class Requests(RolePage):
    """What pharmacies and insured persons ask this practice about its prescriptions."""

    template_name = "care/requests.html"
    roles = WRITING_ROLES
    extra_context: ClassVar[dict[str, str]] = {"side": "prescriber"}


class Statements(RolePage):
    """What the fund paid this practice for third-party payment, each with its statement."""

    template_name = "pharmacy/statements.html"
    roles = SIGNING_ROLES


class Qr(RolePage):
    """The QR code of an FSE number as SVG. The number is all it carries: no name, no medicine."""

    roles = PRACTICE_ROLES | {Role.PHARMACIST}

    def get(self, request: HttpRequest, *args: object, **kwargs: str) -> HttpResponse:
        """Return the image. Raises Http404 when the check character is wrong."""
        number = kwargs["fse"]
        if not is_fse_number(number):
            raise Http404
        drawing = BytesIO()
        segno.make(f"WARAQA:{number}", error="m", micro=False).save(
            drawing, kind="svg", border=QR_BORDER, xmldecl=False, omitsize=True
        )
        return HttpResponse(drawing.getvalue(), content_type="image/svg+xml")
