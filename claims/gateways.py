"""Pictures of paper sheets, as they come from a scanner: what they are is read in them, never believed."""

from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from django.utils.translation import gettext_lazy as _
from PIL import Image
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from core.errors import DomainError

# A colour page at 200 dots an inch weighs less; a whole transaction holds it in memory.
LARGEST_SCAN = 5 * 2**20
# An A3 page at 600 dots an inch.
MOST_PIXELS = 70_000_000
PDF = "application/pdf"
# A telephone's JPEG that holds its preview too opens as MPO.
_IMAGES = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png"}


class ScanTooLarge(DomainError):
    code = "PAPER_SCAN_TOO_LARGE"
    status = 422
    message = _(
        "Ce fichier dépasse %(megabytes)s Mo. Numérisez la feuille à 200 points par pouce ; rien n’a été "
        "enregistré."
    )


class ScanUnreadable(DomainError):
    code = "PAPER_SCAN_UNREADABLE"
    status = 422
    message = _(
        "Ce fichier n’est pas une image JPEG ou PNG, ni un PDF, ou il est abîmé. Numérisez la feuille à "
        "nouveau ; rien n’a été enregistré."
    )


@dataclass(frozen=True, slots=True)
class Scan:
    """A readable picture of a sheet, its kind and its digest."""

    content: bytes
    media_type: str
    sha256: str


def scan_of(content: bytes) -> Scan:
    """Return a file as a scan. Raises ScanTooLarge, ScanUnreadable."""
    if len(content) > LARGEST_SCAN:
        raise ScanTooLarge(pointer="/scan", megabytes=LARGEST_SCAN // 2**20)
    media_type = _pdf(content) if content.startswith(b"%PDF-") else _image(content)
    return Scan(content, media_type, sha256(content).hexdigest())


def _pdf(content: bytes) -> str:
    try:
        pages = int(PdfFileReader(BytesIO(content)).root["/Pages"]["/Count"])
    except (PdfError, LookupError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise ScanUnreadable(pointer="/scan") from error
    if pages < 1:
        raise ScanUnreadable(pointer="/scan")
    return PDF


def _image(content: bytes) -> str:
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ScanUnreadable(pointer="/scan")
            picture.load()
            return _IMAGES[str(picture.format)]
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ScanUnreadable(pointer="/scan") from error
