"""What a counter hands over on paper, in French and Arabic: labels, the owing slip, the sealed receipt."""

import json
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import segno
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from claims.models import Claim
from claims.presenters.shown import sentence_of
from claims.selectors import shown_of
from core.ink import INK_2, INK_3, RULE, left, logo, right, rule
from core.languages import Bilingual, in_both_languages
from core.lettering import BOLD, fit, prepare_fonts, wrap
from core.money import display_dirhams
from core.paper_seal import seal_paper
from core.seal import seal
from prescriptions.models import DispensedItem, PrescribedItem
from prescriptions.rules.tickets import line_secret
from prescriptions.states import LineState

Json = dict[str, Any]
LABEL = (70 * mm, 40 * mm)
SLIP = (105 * mm, 148 * mm)
EDGE = 5 * mm
MOMENTS = (
    ("dose_morning", "matin", "صباحا"),
    ("dose_noon", "midi", "ظهرا"),
    ("dose_evening", "soir", "مساء"),
    ("dose_bedtime", "coucher", "عند النوم"),
)
STILL_DUE = {LineState.TO_DISPENSE, LineState.RESERVED, LineState.PARTIAL, LineState.OWING}
QR_MODULE = 0.62 * mm
DUE_HEIGHT = 60.0


def labels_pdf(claim: Claim) -> bytes:
    """One label a medicine handed over: who, what, how to take it, from which pharmacy and when."""
    items = _handed_over(claim)
    return _pages(LABEL, (_label(claim, item) for item in items))


def owing_pdf(claim: Claim) -> bytes:
    """What is still due, each line with the ticket that opens it in any pharmacy."""
    due = [item for item in _prescribed(claim) if item.state in STILL_DUE and item.boxes_left > 0]
    return _pages(SLIP, [_owing(claim, due)])


def receipt_pdf(claim: Claim) -> bytes:
    """The receipt, signed both ways: the pharmacy's signed document is inside, our seal is on it."""
    prepare_fonts()
    drawn = _pages(SLIP, [_receipt(claim)])
    files = {"delivrance.json": json.dumps(sealed_receipt(claim), ensure_ascii=False).encode()}
    return seal_paper(drawn, reason="Reçu de délivrance", files=files)


def sealed_receipt(claim: Claim) -> Json:
    """The signed dispensing, what was decided of it, and the server's seal over both."""
    return seal(
        {
            "type": "waraqa/dispensing-receipt",
            "version": 1,
            "claim": str(claim.pk),
            "fse_number": claim.sheet.fse_number,
            "received_at": claim.received_at.isoformat(),
            "document": claim.signed.document,
            "document_hash": claim.signed.document_hash,
            "device": claim.device.kid,
            "device_signature": claim.signed.signature,
            "charged_centimes": claim.charged_centimes,
            "reimbursed_centimes": claim.reimbursed_centimes,
        }
    )


def _pages(size: tuple[float, float], pages: Iterable[Callable[[Canvas], None]]) -> bytes:
    prepare_fonts()
    file = BytesIO()
    canvas = Canvas(file, pagesize=size, invariant=True)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def _handed_over(claim: Claim) -> list[DispensedItem]:
    assert claim.dispensing is not None  # noqa: S101 (a claim of a counter)
    items = claim.dispensing.items.select_related("medicine", "item")
    return list(items.order_by("item__position"))


def _prescribed(claim: Claim) -> list[PrescribedItem]:
    assert claim.dispensing is not None  # noqa: S101
    return list(claim.dispensing.prescription.items.select_related("medicine"))


def _label(claim: Claim, handed: DispensedItem) -> Callable[[Canvas], None]:
    width, height = LABEL
    doses = [(getattr(handed.item, name), fr, ar) for name, fr, ar in MOMENTS]
    taken = [(dose.replace(".", ","), fr, ar) for dose, fr, ar in doses if dose.strip("0.")]
    french = ", ".join(f"{dose} {fr}" for dose, fr, _ar in taken)
    arabic = "، ".join(f"{dose} {ar}" for dose, _fr, ar in taken)
    days = handed.item.duration_days
    room = width - 2 * EDGE

    def draw(canvas: Canvas) -> None:
        y = height - EDGE - 8
        left(canvas, EDGE, y, fit(claim.patient.full_name, room=room, size=8), 8, colour=INK_2)
        label = fit(handed.medicine.name, room=room, size=9, font=BOLD)
        left(canvas, EDGE, y - 14, label, 9, BOLD)
        left(canvas, EDGE, y - 32, fit(french, room=room, size=10, font=BOLD), 10, BOLD)
        right(canvas, width - EDGE, y - 48, fit(arabic, room=room, size=10, font=BOLD), 10, BOLD)
        left(canvas, EDGE, y - 62, f"{days} jours", 8)
        right(canvas, width - EDGE, y - 62, f"المدة بالأيام: {days}", 8)
        rule(canvas, EDGE, y - 70, width - EDGE, y - 70, RULE, 0.7)
        shop = f"{claim.provider.name} · {claim.received_date:%d/%m/%Y}"
        left(canvas, EDGE, y - 80, fit(shop, room=room, size=7), 7, colour=INK_3)

    return draw


def _head(canvas: Canvas, claim: Claim, french: str, arabic: str) -> float:
    """Draw what stands at the top of a slip; return where the rest begins."""
    width, height = SLIP
    logo(canvas, EDGE, height - EDGE - 32)
    left(canvas, EDGE + 34, height - EDGE - 14, french, 12, BOLD)
    right(canvas, width - EDGE, height - EDGE - 28, arabic, 12, BOLD)
    y = height - EDGE - 48
    lines = (
        claim.provider.name,
        f"{claim.patient.full_name} · {claim.patient.name_ar}",
        f"FSE {claim.sheet.fse_number} · {claim.received_date:%d/%m/%Y}",
    )
    for line in lines:
        left(canvas, EDGE, y, fit(line, room=width - 2 * EDGE, size=8.5), 8.5, colour=INK_2)
        y -= 12
    rule(canvas, EDGE, y, width - EDGE, y, RULE, 0.7)
    return y - 16


def _owing(claim: Claim, due: list[PrescribedItem]) -> Callable[[Canvas], None]:
    width, _height = SLIP
    assert claim.dispensing is not None  # noqa: S101
    secret = claim.dispensing.prescription.document.get("secret")
    number = claim.sheet.fse_number

    def draw(canvas: Canvas) -> None:
        y = _head(canvas, claim, "Reste à recevoir", "ما تبقى لكم")
        for item in due:
            ticket = line_secret(secret, number, item.position) if secret else ""
            y = _due_line(canvas, y, item, number, ticket)
        words = "Chaque ticket ouvre sa ligne seule, dans n’importe quelle pharmacie."
        for part in wrap(words, room=width - 2 * EDGE, size=8):
            left(canvas, EDGE, y, part, 8, colour=INK_3)
            y -= 11
        right(canvas, width - EDGE, y, "كل تذكرة تفتح سطرها وحده في أي صيدلية.", 8, colour=INK_3)

    return draw


def _due_line(canvas: Canvas, top: float, item: PrescribedItem, number: str, ticket: str) -> float:
    """Draw a line that is due, with its ticket; return where the next one begins."""
    width, _height = SLIP
    room = width - 2 * EDGE - 24 * mm
    y = top
    label = item.medicine.label if item.medicine else item.inn or item.wording
    for part in wrap(label, room=room, size=9, font=BOLD)[:2]:
        left(canvas, EDGE, y, part, 9, BOLD)
        y -= 12
    left(canvas, EDGE, y, f"{item.boxes_left} boîte(s)", 9)
    right(canvas, EDGE + room, y, f"عدد العلب: {item.boxes_left}", 9)
    if ticket:
        left(canvas, EDGE, y - 12, f"Ticket {ticket}", 9)
        _qr(canvas, width - EDGE, top + 6, f"WARAQA:{number}{ticket}")
    return top - DUE_HEIGHT


def _qr(canvas: Canvas, right_edge: float, top: float, text: str) -> None:
    matrix = list(segno.make(text, error="m", micro=False).matrix)
    x, y = right_edge - len(matrix) * QR_MODULE, top - len(matrix) * QR_MODULE
    canvas.setFillColor("black")
    for row, modules in enumerate(reversed(matrix)):
        for column, dark in enumerate(modules):
            if dark:
                where = (x + column * QR_MODULE, y + row * QR_MODULE)
                canvas.rect(*where, QR_MODULE, QR_MODULE, stroke=0, fill=1)


def _receipt(claim: Claim) -> Callable[[Canvas], None]:
    width, _height = SLIP
    handed = _handed_over(claim)
    paid = claim.charged_centimes - (claim.reimbursed_centimes if claim.third_party_payment else 0)
    seen = shown_of(claim)
    told = in_both_languages(*sentence_of(claim, seen)) if seen else None
    totals = (
        ("Prix public", "الثمن", claim.charged_centimes),
        ("Part CNSS", "حصة CNSS", claim.reimbursed_centimes),
        ("Payé par le patient", "أداه المريض", paid),
    )

    def draw(canvas: Canvas) -> None:
        y = _head(canvas, claim, "Reçu de délivrance", "وصل صرف الأدوية")
        for each in handed:
            label = f"{each.boxes} × {each.medicine.label}"
            left(canvas, EDGE, y, fit(label, room=width - 32 * mm, size=8.5), 8.5)
            right(canvas, width - EDGE, y, display_dirhams(each.charged_centimes), 8.5)
            y -= 13
        rule(canvas, EDGE, y, width - EDGE, y, RULE, 0.7)
        for french, arabic, amount in totals:
            y -= 15
            left(canvas, EDGE, y, french, 9, BOLD)
            right(canvas, width / 2 + 20 * mm, y, arabic, 9, BOLD)
            right(canvas, width - EDGE, y, f"{display_dirhams(amount)} DH", 9, BOLD)
        y -= 22
        if told:
            y = _said(canvas, told, y) - 9
        for line in _signatures(claim):
            for part in wrap(line, room=width - 2 * EDGE, size=6.5):
                left(canvas, EDGE, y, part, 6.5, colour=INK_3)
                y -= 9

    return draw


def _said(canvas: Canvas, told: Bilingual, y: float) -> float:
    """A sentence in both languages; the baseline of what comes next."""
    width, _height = SLIP
    for part in wrap(told["fr"], room=width - 2 * EDGE, size=8):
        left(canvas, EDGE, y, part, 8)
        y -= 11
    for part in wrap(told["ar"], room=width - 2 * EDGE, size=8):
        right(canvas, width - EDGE, y, part, 8)
        y -= 11
    return y


def _signatures(claim: Claim) -> tuple[str, ...]:
    return (
        f"Signé par la pharmacie, poste {claim.device.kid}",
        claim.signed.signature,
        f"Document SHA-256 {claim.signed.document_hash}",
        "Scellé par le serveur : la signature est dans ce fichier. · مختوم من الخادم",
    )
