"""Paper sheets for tests: a pad, a picture, what an agent keys in."""

from dataclasses import replace
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image

from accounts.models import Role, User
from claims import services
from claims.gateways import Scan, scan_of
from claims.intake import ActLine
from claims.models import PaperFile, PaperPad, PaperSheet
from claims.rules.paper_code import printed
from insured.models import Person
from tests import world
from tests.world import Practice


@cache
def picture(colour: str = "white") -> bytes:
    """A small page, as a scanner gives it."""
    file = BytesIO()
    Image.new("RGB", (40, 60), colour).save(file, "PNG")
    return file.getvalue()


def scan(colour: str = "white") -> Scan:
    return scan_of(picture(colour))


def pad_of(doctor: Practice, sheets: int = 10, by: Any = None) -> PaperPad:
    return services.order_pad(
        provider=doctor.provider, sheets=sheets, by=by or doctor.user, at=world.NOW
    )


def first_sheet(pad: PaperPad, place: int = 1) -> PaperSheet:
    return PaperSheet.objects.get(pad=pad, position=place)


def code_of(sheet: PaperSheet) -> str:
    return printed(sheet.fse_number, sheet.signature)


def act_line(charged: int = 20_000, care_date: date = world.TODAY, act: str = "C") -> ActLine:
    return ActLine(
        position=1, act=act, quantity=1, charged_centimes=charged, care_date=care_date, illness=None
    )


def agent_on_duty() -> User:
    """The one agent of a test, made the first time."""
    return User.objects.filter(role=Role.AGENT).first() or world.user(Role.AGENT)


def keyed(doctor: Practice, patient: Person, sheet: PaperSheet | None, **fields: Any) -> Any:
    """What an agent keys in of a sheet; without a sheet, of an old form."""
    base = services.KeyedPaper(
        number=sheet.fse_number if sheet else "",
        proof=PaperFile.Proof.SCANNED if sheet else PaperFile.Proof.NONE,
        inpe=doctor.provider.inpe,
        patient=patient.pk,
        deposited_on=world.TODAY,
        lines=(act_line(),),
    )
    return replace(base, **fields)


def receive(
    doctor: Practice,
    patient: Person,
    sheet: PaperSheet | None,
    *,
    by: Any = None,
    at: datetime = world.NOW,
    picture_of: str = "white",
    **fields: Any,
) -> PaperFile:
    """Key a paper in as an agent of the fund."""
    return services.receive_paper(
        keyed=keyed(doctor, patient, sheet, **fields),
        scan=scan(picture_of),
        by=by or agent_on_duty(),
        at=at,
    )
