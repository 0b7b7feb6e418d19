"""The pages of a pad: the fields of the paper care sheet, a number and its signed code on each.

Fields are those of the CNSS form 610-1-02 as far as they are known here; French from the left, Arabic
from the right. What is already known (who the pad is for) is printed.
"""

from collections.abc import Sequence
from io import BytesIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from claims import selectors
from claims.models import PaperPad, PaperSheet
from claims.rules.paper_code import printed
from core.ink import (
    ACTION,
    INK_2,
    INK_3,
    MARGIN_INK,
    RULE,
    SHEET,
    fill,
    left,
    logo,
    qr,
    right,
    rule,
)
from core.languages import in_both_languages
from core.lettering import BOLD, fit, prepare_fonts
from core.paper_seal import seal_paper
from core.templatetags.waraqa import grouped

WIDTH, HEIGHT = A4
LEFT, RIGHT = 48.0, WIDTH - 36.0
MARGIN_RULE = 36.0
# A scanner of a counter reads a version 5 code from 27 mm of ordinary paper.
CODE = 78.0
ROW = 19.0
ACT_ROWS, MEDICINE_ROWS = 7, 6

ACT_COLUMNS = (
    (_("Date"), 0.14),
    (_("Acte et coefficient"), 0.26),
    (_("Quantité"), 0.12),
    (_("Montant en DH"), 0.22),
    (_("INPE et cachet"), 0.26),
)
MEDICINE_COLUMNS = (
    (_("Date"), 0.14),
    (_("Médicament et code-barres"), 0.46),
    (_("Boîtes"), 0.12),
    (_("Montant en DH"), 0.28),
)


def pad_pdf(pad: PaperPad) -> bytes:
    """Return the sealed PDF of a pad, a page for each sheet that is not void. Raises SealMissing."""
    return seal_paper(
        draw(pad, selectors.sheets_to_print(pad)),
        reason=str(_("Carnet de feuilles de soins, numéros signés par la caisse")),
        files={},
    )


def draw(pad: PaperPad, sheets: Sequence[PaperSheet]) -> bytes:
    """Return the PDF before its seal. The same pad gives the same bytes."""
    prepare_fonts()
    output = BytesIO()
    canvas = Canvas(output, pagesize=A4, invariant=1, pageCompression=1, lang="fr")
    canvas.setTitle(f"Waraqa {pad.reference}")
    canvas.setAuthor("Waraqa")
    for sheet in sheets:
        _page(canvas, pad, sheet)
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def _page(canvas: Canvas, pad: PaperPad, sheet: PaperSheet) -> None:
    fill(canvas, 0, 0, WIDTH, HEIGHT, SHEET)
    rule(canvas, MARGIN_RULE, 0, MARGIN_RULE, HEIGHT, MARGIN_INK, 0.8)
    y = _head(canvas, sheet)
    y = _section(canvas, y, _("Assuré"))
    y = _blanks(canvas, y, (_("Nom et prénom"), 0.62), (_("CIN"), 0.38))
    y = _blanks(canvas, y, (_("N° d’immatriculation"), 0.38), (_("Adresse"), 0.62))
    y = _section(canvas, y, _("Bénéficiaire des soins"))
    y = _blanks(canvas, y, (_("Nom et prénom"), 0.62), (_("Né(e) le"), 0.38))
    y = _blanks(canvas, y, (_("Lien avec l’assuré"), 0.62), (_("Sexe"), 0.38))
    y = _section(canvas, y, _("Professionnel"))
    y = _owner(canvas, y, pad)
    y = _section(canvas, y, _("Actes"))
    y = _table(canvas, y, ACT_COLUMNS, ACT_ROWS)
    y = _section(canvas, y, _("Pharmacie"))
    y = _table(canvas, y, MEDICINE_COLUMNS, MEDICINE_ROWS)
    y = _blanks(canvas, y - 4, (_("Total payé, en DH"), 0.5), (_("Pièces jointes"), 0.5))
    _signatures(canvas, y - 4)
    _foot(canvas, pad, sheet)


def _head(canvas: Canvas, sheet: PaperSheet) -> float:
    top = HEIGHT - 30
    logo(canvas, LEFT, top - 30)
    title = in_both_languages(_("Feuille de soins"))
    left(canvas, LEFT + 36, top - 14, title["fr"], 16, BOLD)
    right(canvas, RIGHT - CODE - 12, top - 14, title["ar"], 16, BOLD)
    number = in_both_languages(_("Numéro FSE"))
    left(canvas, LEFT, top - 48, number["fr"], 7, colour=INK_3)
    right(canvas, RIGHT - CODE - 12, top - 48, number["ar"], 7.5, colour=INK_3)
    left(canvas, LEFT, top - 68, grouped(sheet.fse_number), 19, BOLD, ACTION)
    qr(canvas, printed(sheet.fse_number, sheet.signature), RIGHT - CODE, top - CODE, CODE)
    rule(canvas, LEFT, top - CODE - 6, RIGHT, top - CODE - 6, ACTION, 1.2)
    return top - CODE - 8


def _section(canvas: Canvas, y: float, title: Promise) -> float:
    label = in_both_languages(title)
    left(canvas, LEFT, y - 15, label["fr"], 9, BOLD, ACTION)
    right(canvas, RIGHT, y - 15, label["ar"], 9.5, BOLD, ACTION)
    return y - 19


def _blanks(canvas: Canvas, y: float, *fields: tuple[Promise, float]) -> float:
    """A row of fields to write in, each with its label in both languages over a line."""
    x = LEFT
    for name, share in fields:
        end = x + share * (RIGHT - LEFT)
        _label(canvas, x, end - 8, y - 8, name)
        rule(canvas, x, y - 26, end - 8, y - 26, RULE, 0.8)
        x = end
    return y - 29


def _label(canvas: Canvas, start: float, end: float, y: float, name: Promise) -> None:
    label = in_both_languages(name)
    left(canvas, start, y, label["fr"], 6.5, colour=INK_3)
    right(canvas, end, y, label["ar"], 7, colour=INK_3)


def _owner(canvas: Canvas, y: float, pad: PaperPad) -> float:
    """Whose pad it is, printed; room for the stamp and the illness."""
    provider, middle = pad.provider, LEFT + 0.62 * (RIGHT - LEFT)
    name = fit(provider.name, room=middle - LEFT - 12, size=10.5, font=BOLD)
    left(canvas, LEFT, y - 12, name, 10.5, BOLD)
    details = f"INPE {provider.inpe}"
    if provider.speciality:
        details = f"{details} · {provider.speciality}"
    left(canvas, LEFT, y - 25, details, 8, colour=INK_2)
    _label(canvas, LEFT, middle - 8, y - 38, _("Affection de longue durée"))
    rule(canvas, LEFT, y - 54, middle - 8, y - 54, RULE, 0.8)
    _box(canvas, middle, y - 54, RIGHT, y - 2, _("Cachet"))
    return y - 58


def _box(canvas: Canvas, x: float, bottom: float, end: float, top: float, name: Promise) -> None:
    for line in (
        (x, top, end, top),
        (x, bottom, end, bottom),
        (x, bottom, x, top),
        (end, bottom, end, top),
    ):
        rule(canvas, *line, RULE, 0.8)
    _label(canvas, x + 4, end - 4, top - 9, name)


def _table(canvas: Canvas, y: float, columns: Sequence[tuple[Promise, float]], rows: int) -> float:
    bottom = y - 14 - rows * ROW
    x = LEFT
    rule(canvas, LEFT, y, RIGHT, y, RULE, 0.8)
    for name, share in columns:
        end = x + share * (RIGHT - LEFT)
        _label(canvas, x + 4, end - 4, y - 9, name)
        rule(canvas, x, y, x, bottom, RULE, 0.8)
        x = end
    rule(canvas, RIGHT, y, RIGHT, bottom, RULE, 0.8)
    for row in range(rows + 1):
        rule(canvas, LEFT, y - 14 - row * ROW, RIGHT, y - 14 - row * ROW, RULE, 0.5)
    return bottom - 2


def _signatures(canvas: Canvas, y: float) -> None:
    third = (RIGHT - LEFT) / 3
    boxes = (
        _("Signature de l’assuré"),
        _("Signature du professionnel"),
        _("Déposée à l’agence le"),
    )
    for place, name in enumerate(boxes):
        x = LEFT + place * third
        _box(canvas, x, 34, x + third - 6 * (place < 2), y, name)


def _foot(canvas: Canvas, pad: PaperPad, sheet: PaperSheet) -> None:
    said = in_both_languages(
        _("Une feuille par personne et par évènement. Ce numéro n’est remboursé qu’une fois.")
    )
    left(canvas, LEFT, 22, said["fr"], 6.5, colour=INK_2)
    right(canvas, RIGHT, 22, said["ar"], 7, colour=INK_2)
    left(
        canvas,
        LEFT,
        12,
        f"{pad.reference} · {sheet.position} / {pad.sheet_count}",
        6.5,
        BOLD,
        INK_2,
    )
