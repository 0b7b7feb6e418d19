"""The statement as a PDF: one sheet of paper, French from the left, Arabic from the right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from core.languages import Bilingual, in_both_languages
from core.money import display_dirhams, display_rate
from payments.presenters.lettering import BOLD, REGULAR, prepare_fonts, visual, wrap
from payments.presenters.statement import Statement, StatementClaim, StatementLine

WIDTH, HEIGHT = A4
LEFT, RIGHT = 54.0, WIDTH - 42.0
MARGIN_RULE = 40.0
TOP, BOTTOM = HEIGHT - 100.0, 64.0
MIDDLE = (LEFT + RIGHT) / 2
# Right edges of the figure columns: charged, base, rate, reimbursed.
COLUMNS = (RIGHT - 222, RIGHT - 146, RIGHT - 88, RIGHT)
LABEL_ROOM = COLUMNS[0] - LEFT - 62

# The design's tokens (static/css/tokens.css).
SHEET, SUNKEN, RULE, MARGIN_INK = "#FFFDF8", "#F4EFE4", "#DFD6C4", "#E3B7AA"
INK, INK_2, INK_3, ACTION = "#1B2526", "#48514F", "#5F645C", "#0F4A5A"
PAID, RETURNED = "#1D5F3D", "#9E2B18"

Draw = Callable[[Canvas, float], None]


@dataclass(frozen=True, slots=True)
class Block:
    """A band of the page, drawn down from its top edge; `sticks` keeps it with the next one."""

    height: float
    draw: Draw
    sticks: bool = False


def draw(statement: Statement) -> bytes:
    """Return the PDF. The same statement gives the same bytes."""
    prepare_fonts()
    pages = list(_paginated(list(_blocks(statement))))
    output = BytesIO()
    canvas = Canvas(output, pagesize=A4, invariant=1, pageCompression=1, lang="fr")
    canvas.setTitle(f"Waraqa {statement.reference}")
    canvas.setAuthor("Waraqa")
    for number, blocks in enumerate(pages, start=1):
        _paper(canvas, statement, number=number, total=len(pages))
        top = TOP
        for block in blocks:
            block.draw(canvas, top)
            top -= block.height
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def _paginated(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Fill pages from the top; a block that sticks goes over with the one that follows it."""
    page: list[Block] = []
    room = TOP - BOTTOM
    for run in _runs(blocks):
        needed = sum(block.height for block in run)
        if page and needed > room:
            yield page
            page, room = [], TOP - BOTTOM
        page += run
        room -= needed
    yield page


def _runs(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks that stand together."""
    run: list[Block] = []
    for block in blocks:
        run.append(block)
        if not block.sticks:
            yield run
            run = []
    if run:
        yield run


def _blocks(statement: Statement) -> Iterator[Block]:
    yield from _identity(statement)
    yield _figure(statement)
    if statement.to_provider:
        yield _heads(_("Dossier"), _("Facturé"), _("Base"), _("Reste"), _("Payé"))
        for claim in statement.claims:
            yield _claim_row(claim)
    else:
        for claim in statement.claims:
            yield from _claim(claim)
    yield from _totals(statement)


def _paper(canvas: Canvas, statement: Statement, *, number: int, total: int) -> None:
    """What every page has: the sheet, its margin, the head and the foot."""
    _fill(canvas, 0, 0, WIDTH, HEIGHT, SHEET)
    _rule(canvas, MARGIN_RULE, 0, MARGIN_RULE, HEIGHT, MARGIN_INK, 0.8)
    _logo(canvas, LEFT, HEIGHT - 76)
    title = in_both_languages(
        _("Décompte du tiers payant") if statement.to_provider else _("Décompte de remboursement")
    )
    _left(canvas, LEFT + 34, HEIGHT - 58, title["fr"], 15, BOLD)
    _right(canvas, RIGHT, HEIGHT - 58, title["ar"], 15, BOLD)
    scheme = in_both_languages(_("Assurance maladie obligatoire"))
    _left(canvas, LEFT + 34, HEIGHT - 73, scheme["fr"], 8.5, colour=INK_2)
    _right(canvas, RIGHT, HEIGHT - 74, scheme["ar"], 9, colour=INK_2)
    _rule(canvas, LEFT, HEIGHT - 90, RIGHT, HEIGHT - 90, ACTION, 1.4)
    _rule(canvas, LEFT, 48, RIGHT, 48, RULE, 0.8)
    foot = in_both_languages(
        _("Une question sur ce décompte ? Donnez la référence %(reference)s."),
        {"reference": f"\u2068{statement.reference}\u2069"},
    )
    _left(canvas, LEFT, 34, foot["fr"], 7.5, colour=INK_3)
    _right(canvas, RIGHT, 22, foot["ar"], 8, colour=INK_3)
    _right(canvas, RIGHT, 34, f"{number} / {total}", 8, BOLD, INK_2)


def _logo(canvas: Canvas, x: float, y: float) -> None:
    """The sheet with its folded corner (static/img/logo.svg), 26 by 30 units."""
    canvas.saveState()
    canvas.translate(x, y + 30)
    canvas.scale(1, -1)
    canvas.setStrokeColor(ACTION)
    canvas.setFillColor(SHEET)
    canvas.setLineWidth(2)
    canvas.setLineJoin(1)
    sheet = canvas.beginPath()
    sheet.moveTo(2, 2)
    sheet.lineTo(15, 2)
    sheet.curveTo(21, 2, 24, 6, 24, 11)
    sheet.lineTo(24, 28)
    sheet.lineTo(2, 28)
    sheet.close()
    canvas.drawPath(sheet, stroke=1, fill=1)
    fold = canvas.beginPath()
    fold.moveTo(14, 2)
    fold.curveTo(14, 8, 17.5, 11.5, 24, 11.5)
    fold.curveTo(24, 5.5, 20.5, 2, 14, 2)
    fold.close()
    canvas.setFillColor(ACTION)
    canvas.drawPath(fold, stroke=0, fill=1)
    _rule(canvas, 8, 8, 8, 27, MARGIN_INK, 1.5)
    _rule(canvas, 11.5, 17, 20, 17, ACTION, 1.75)
    _rule(canvas, 11.5, 21.5, 17.5, 21.5, ACTION, 1.75)
    canvas.restoreState()


def _identity(statement: Statement) -> Iterator[Block]:
    """Who is paid, where, when: one row a fact, its name in both languages."""
    number = _("INPE") if statement.to_provider else _("Immatriculation")
    yield _fact(_("Bénéficiaire du virement"), statement.payee["fr"], statement.payee["ar"])
    yield _fact(number, statement.payee_number)
    yield _fact(_("Compte bancaire (RIB)"), statement.account)
    yield _fact(_("Référence du virement"), statement.reference)
    yield _fact(_("Date d’exécution demandée"), f"{statement.execution_date:%d/%m/%Y}")


def _fact(name: str | Promise, value: str, value_ar: str = "") -> Block:
    label = in_both_languages(name)

    def paint(canvas: Canvas, top: float) -> None:
        _left(canvas, LEFT, top - 11, label["fr"], 8.5, colour=INK_2)
        _left(canvas, LEFT + 128, top - 11, value, 9.5, BOLD)
        _right(canvas, RIGHT, top - 11, label["ar"], 9, colour=INK_2)
        if value_ar and value_ar != value:
            _right(canvas, RIGHT - 110, top - 11, value_ar, 9.5, BOLD)
        _rule(canvas, LEFT, top - 17, RIGHT, top - 17, RULE, 0.5)

    return Block(18, paint)


def _figure(statement: Statement) -> Block:
    """The one figure of the page, torn from the sheet along a perforation."""
    colour = RETURNED if statement.is_returned else PAID
    label = in_both_languages(_("Montant du virement"))

    def paint(canvas: Canvas, top: float) -> None:
        canvas.setDash(3, 3)
        _rule(canvas, LEFT, top - 14, RIGHT, top - 14, INK_3, 0.8)
        canvas.setDash()
        _fill(canvas, LEFT, top - 92, RIGHT - LEFT, 68, SUNKEN)
        _left(canvas, LEFT + 12, top - 48, label["fr"], 9, BOLD)
        _right(canvas, RIGHT - 12, top - 48, label["ar"], 10, BOLD)
        _centred(canvas, MIDDLE, top - 50, f"{display_dirhams(statement.amount)} DH", 22, BOLD)
        _centred(canvas, MIDDLE, top - 67, statement.state["fr"], 8.5, BOLD, colour)
        _centred(canvas, MIDDLE, top - 82, statement.state["ar"], 9.5, BOLD, colour)

    return Block(106, paint)


def _claim(claim: StatementClaim) -> Iterator[Block]:
    """One claim for the insured: who, when, then each line with what it gives and why not more."""
    yield _claim_head(claim)
    yield _heads(_("Soin ou médicament"), _("Payé"), _("Base"), _("Taux"), _("Remboursé"))
    for line in claim.lines:
        yield _line(line)
        for reason in line.reasons:
            yield _reason(reason)
    yield _claim_foot(claim)


def _claim_head(claim: StatementClaim) -> Block:
    when = f"{claim.care_date:%d/%m/%Y}"

    def paint(canvas: Canvas, top: float) -> None:
        _fill(canvas, LEFT, top - 36, RIGHT - LEFT, 34, SUNKEN)
        _fill(canvas, LEFT, top - 36, 3, 34, ACTION)
        _left(canvas, LEFT + 12, top - 16, f"FSE {claim.fse_number}", 9.5, BOLD, ACTION)
        _left(canvas, LEFT + 12, top - 30, claim.patient["fr"], 8.5, colour=INK)
        _centred(canvas, MIDDLE, top - 16, when, 9.5, BOLD)
        _centred(canvas, MIDDLE, top - 30, claim.provider["fr"], 8.5, colour=INK_2)
        if claim.provider["ar"] != claim.provider["fr"]:
            _right(canvas, RIGHT - 10, top - 16, claim.provider["ar"], 9, colour=INK_2)
        if claim.patient["ar"] != claim.patient["fr"]:
            _right(canvas, RIGHT - 10, top - 30, claim.patient["ar"], 9)

    return Block(40, paint, sticks=True)


def _heads(first: str | Promise, *others: str | Promise) -> Block:
    """Heads of the columns, French above Arabic."""
    label, columns = in_both_languages(first), [in_both_languages(other) for other in others]

    def paint(canvas: Canvas, top: float) -> None:
        _left(canvas, LEFT, top - 10, label["fr"], 7.5, colour=INK_3)
        _left(canvas, LEFT, top - 20, label["ar"], 8, colour=INK_3)
        for edge, column in zip(COLUMNS, columns, strict=True):
            _right(canvas, edge, top - 10, column["fr"], 7.5, colour=INK_3)
            _right(canvas, edge, top - 20, column["ar"], 8, colour=INK_3)
        _rule(canvas, LEFT, top - 25, RIGHT, top - 25, RULE, 0.8)

    return Block(27, paint, sticks=True)


def _line(line: StatementLine) -> Block:
    label = line.label["fr"] if line.quantity == 1 else f"{line.label['fr']} × {line.quantity}"
    rows = wrap(label, room=LABEL_ROOM, size=9)
    if line.label["ar"] != line.label["fr"]:
        rows += wrap(line.label["ar"], room=LABEL_ROOM, size=9)
    figures = (
        display_dirhams(line.charged),
        display_dirhams(line.base),
        display_rate(line.rate_bp),
        display_dirhams(line.reimbursed),
    )

    def paint(canvas: Canvas, top: float) -> None:
        for index, row in enumerate(rows):
            _left(canvas, LEFT, top - 13 - 12 * index, row, 9, colour=INK_2 if index else INK)
        _figures(canvas, top - 13, figures)

    return Block(8 + 12 * len(rows), paint, sticks=bool(line.reasons))


def _figures(canvas: Canvas, y: float, figures: Sequence[str], size: float = 9) -> None:
    """Figures at the right edges of their columns, the last one in bold."""
    last = len(figures) - 1
    for index, (edge, figure) in enumerate(zip(COLUMNS, figures, strict=True)):
        _right(canvas, edge, y, figure, size, BOLD if index == last else REGULAR)


def _reason(reason: Bilingual) -> Block:
    """Why not more: French in the left half, Arabic in the right half, line by line."""
    room = (RIGHT - LEFT - 40) / 2
    french = wrap(reason["fr"], room=room, size=8)
    arabic = wrap(reason["ar"], room=room, size=8.5)
    height = 12.0 * max(len(french), len(arabic))

    def paint(canvas: Canvas, top: float) -> None:
        _fill(canvas, LEFT, top - height, 1.2, height - 2, RULE)
        _fill(canvas, RIGHT - 1.2, top - height, 1.2, height - 2, RULE)
        for index, row in enumerate(french):
            _left(canvas, LEFT + 9, top - 9 - 12 * index, row, 8, colour=INK_2)
        for index, row in enumerate(arabic):
            _right(canvas, RIGHT - 9, top - 9 - 12 * index, row, 8.5, colour=INK_2)

    return Block(height + 4, paint)


def _claim_foot(claim: StatementClaim) -> Block:
    total = in_both_languages(_("Total du dossier"))

    def paint(canvas: Canvas, top: float) -> None:
        _rule(canvas, LEFT, top - 3, RIGHT, top - 3, RULE, 0.8)
        _left(canvas, LEFT, top - 16, f"{total['fr']}", 9, BOLD)
        _left(canvas, LEFT + 84, top - 16, total["ar"], 9, BOLD)
        _figures(
            canvas,
            top - 16,
            (display_dirhams(claim.charged), "", "", display_dirhams(claim.reimbursed)),
        )

    return Block(34, paint)


def _claim_row(claim: StatementClaim) -> Block:
    """One claim in a provider's list."""
    base = sum(line.base for line in claim.lines)

    def paint(canvas: Canvas, top: float) -> None:
        _left(canvas, LEFT, top - 12, claim.fse_number, 9, BOLD, ACTION)
        _left(canvas, LEFT + 84, top - 12, f"{claim.care_date:%d/%m/%Y}", 8.5, colour=INK_2)
        _left(canvas, LEFT, top - 24, claim.patient["fr"], 8.5, colour=INK)
        figures = (claim.charged, base, claim.charged - claim.reimbursed, claim.reimbursed)
        _figures(canvas, top - 12, [display_dirhams(figure) for figure in figures])
        _rule(canvas, LEFT, top - 30, RIGHT, top - 30, RULE, 0.5)

    return Block(32, paint)


def _totals(statement: Statement) -> Iterator[Block]:
    """The sums, from what was charged to what was transferred."""
    yield Block(
        8,
        lambda canvas, top: _rule(canvas, LEFT, top - 4, RIGHT, top - 4, ACTION, 1.4),
        sticks=True,
    )
    yield _sum(_("Total facturé"), statement.charged, sticks=True)
    yield _sum(_("Reste à la charge des assurés"), statement.left_to_the_insured, sticks=True)
    yield _sum(_("Total du virement"), statement.amount, font=BOLD)


def _sum(name: str | Promise, centimes: int, *, font: str = REGULAR, sticks: bool = False) -> Block:
    label = in_both_languages(name)

    def paint(canvas: Canvas, top: float) -> None:
        _left(canvas, LEFT, top - 12, label["fr"], 9.5, font)
        _right(canvas, COLUMNS[2], top - 12, label["ar"], 9.5, font)
        _right(canvas, RIGHT, top - 12, f"{display_dirhams(centimes)} DH", 9.5, BOLD)

    return Block(18, paint, sticks)


def _left(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    font: str = REGULAR,
    colour: str = INK,
) -> None:
    canvas.setFont(font, size)
    canvas.setFillColor(colour)
    canvas.drawString(x, y, visual(text, font))


def _right(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    font: str = REGULAR,
    colour: str = INK,
) -> None:
    canvas.setFont(font, size)
    canvas.setFillColor(colour)
    canvas.drawRightString(x, y, visual(text, font))


def _centred(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    font: str = REGULAR,
    colour: str = INK,
) -> None:
    canvas.setFont(font, size)
    canvas.setFillColor(colour)
    canvas.drawCentredString(x, y, visual(text, font))


def _fill(canvas: Canvas, x: float, y: float, width: float, height: float, colour: str) -> None:
    canvas.setFillColor(colour)
    canvas.rect(x, y, width, height, stroke=0, fill=1)


def _rule(
    canvas: Canvas, x1: float, y1: float, x2: float, y2: float, colour: str, thickness: float
) -> None:
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(thickness)
    canvas.line(x1, y1, x2, y2)
