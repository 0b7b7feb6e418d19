"""The statement as a PDF: one sheet of paper, French from the left, Arabic from the right."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from core.ink import (
    ACTION,
    INK,
    INK_2,
    INK_3,
    MARGIN_INK,
    PAID,
    RETURNED,
    RULE,
    SHEET,
    SUNKEN,
    centred,
    fill,
    left,
    logo,
    right,
    rule,
)
from core.languages import Bilingual, in_both_languages
from core.lettering import BOLD, REGULAR, fit, prepare_fonts, width, wrap
from core.money import display_dirhams, display_rate
from core.templatetags.waraqa import grouped
from payments.presenters.statement import (
    Statement,
    StatementClaim,
    StatementDebt,
    StatementLine,
)

WIDTH, HEIGHT = A4
LEFT, RIGHT = 54.0, WIDTH - 42.0
MARGIN_RULE = 40.0
TOP, BOTTOM = HEIGHT - 100.0, 64.0
MIDDLE = (LEFT + RIGHT) / 2
# Right edges of the figure columns: charged, tariff, base, rate, reimbursed, insured share.
COLUMNS = (RIGHT - 262, RIGHT - 206, RIGHT - 150, RIGHT - 108, RIGHT - 54, RIGHT)
REIMBURSED = 4
LABEL_ROOM = COLUMNS[0] - LEFT - 52
# Between the two names of a fact.
FACT_ROOM = RIGHT - 110 - LEFT - 128

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
    heads = _heads(*_columns(statement))
    pages = list(_paginated(list(_blocks(statement, heads)), heads))
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


def _paginated(blocks: Sequence[Block], heads: Block) -> Iterator[list[Block]]:
    """Fill pages from the top; a block that sticks goes over with the one that follows it.

    Once the heads of the columns were drawn, every new page begins with them.
    """
    page: list[Block] = []
    room = TOP - BOTTOM
    running: list[Block] = []
    for run in _runs(blocks):
        needed = sum(block.height for block in run)
        if page and needed > room:
            yield page
            page, room = list(running), TOP - BOTTOM - sum(block.height for block in running)
        page += run
        room -= needed
        running = running or [block for block in run if block is heads]
    yield page


def _runs(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Blocks that stand together."""
    run: list[Block] = []
    for block in blocks:
        run.append(block)
        if not block.sticks or block is blocks[-1]:
            yield run
            run = []


def _blocks(statement: Statement, heads: Block) -> Iterator[Block]:
    yield from _identity(statement)
    yield _figure(statement)
    yield heads
    for claim in statement.claims:
        yield from _claim(claim, to_provider=statement.to_provider)
    yield from _totals(statement)


def _columns(statement: Statement) -> tuple[str | Promise, ...]:
    """What the columns are called by who reads them."""
    provider = statement.to_provider
    return (
        _("Soin ou médicament"),
        _("Facturé") if provider else _("Payé"),
        _("Tarif"),
        _("Base"),
        _("Taux"),
        _("Remboursé"),
        _("Assuré") if provider else _("Reste"),
    )


def _paper(canvas: Canvas, statement: Statement, *, number: int, total: int) -> None:
    """What every page has: the sheet, its margin, the head and the foot."""
    fill(canvas, 0, 0, WIDTH, HEIGHT, SHEET)
    rule(canvas, MARGIN_RULE, 0, MARGIN_RULE, HEIGHT, MARGIN_INK, 0.8)
    logo(canvas, LEFT, HEIGHT - 76)
    title = in_both_languages(
        _("Décompte du tiers payant") if statement.to_provider else _("Décompte de remboursement")
    )
    left(canvas, LEFT + 34, HEIGHT - 58, title["fr"], 15, BOLD)
    right(canvas, RIGHT, HEIGHT - 58, title["ar"], 15, BOLD)
    scheme = in_both_languages(_("Assurance maladie obligatoire"))
    left(canvas, LEFT + 34, HEIGHT - 73, scheme["fr"], 8.5, colour=INK_2)
    right(canvas, RIGHT, HEIGHT - 74, scheme["ar"], 9, colour=INK_2)
    rule(canvas, LEFT, HEIGHT - 90, RIGHT, HEIGHT - 90, ACTION, 1.4)
    rule(canvas, LEFT, 48, RIGHT, 48, RULE, 0.8)
    foot = in_both_languages(
        _("Une question sur ce décompte ? Donnez la référence %(reference)s."),
        {"reference": f"\u2068{statement.reference}\u2069"},
    )
    left(canvas, LEFT, 34, foot["fr"], 7.5, colour=INK_3)
    right(canvas, RIGHT, 22, foot["ar"], 8, colour=INK_3)
    right(canvas, RIGHT, 34, f"{number} / {total}", 8, BOLD, INK_2)


def _identity(statement: Statement) -> Iterator[Block]:
    """Who is paid, where, when: one row a fact, its name in both languages."""
    number = _("INPE") if statement.to_provider else _("Immatriculation")
    yield _fact(_("Bénéficiaire du virement"), statement.payee["fr"], statement.payee["ar"])
    yield _fact(number, statement.payee_number)
    yield _fact(_("Compte bancaire (RIB)"), statement.account)
    yield _fact(_("Référence du virement"), statement.reference)
    yield _fact(_("Date d’exécution demandée"), f"{statement.execution_date:%d/%m/%Y}")


def _fact(name: str | Promise, value: str, value_ar: str = "") -> Block:
    """One fact; its two values share a row when they fit, or stand one above the other."""
    label = in_both_languages(name)
    value = fit(value, room=FACT_ROOM, size=9.5, font=BOLD)
    arabic = "" if value_ar == value else fit(value_ar, room=FACT_ROOM, size=9.5, font=BOLD)
    share = width(value, 9.5, BOLD) + width(arabic, 9.5, BOLD) + 14 <= FACT_ROOM
    below = 0 if share else 13

    def paint(canvas: Canvas, top: float) -> None:
        left(canvas, LEFT, top - 11, label["fr"], 8.5, colour=INK_2)
        left(canvas, LEFT + 128, top - 11, value, 9.5, BOLD)
        right(canvas, RIGHT, top - 11, label["ar"], 9, colour=INK_2)
        right(canvas, RIGHT - 110, top - 11 - below, arabic, 9.5, BOLD)
        rule(canvas, LEFT, top - 17 - below, RIGHT, top - 17 - below, RULE, 0.5)

    return Block(18 + below, paint)


def _figure(statement: Statement) -> Block:
    """The one figure of the page, torn from the sheet along a perforation."""
    colour = RETURNED if statement.is_returned else PAID
    label = in_both_languages(_("Montant du virement"))

    def paint(canvas: Canvas, top: float) -> None:
        canvas.setDash(3, 3)
        rule(canvas, LEFT, top - 14, RIGHT, top - 14, INK_3, 0.8)
        canvas.setDash()
        fill(canvas, LEFT, top - 92, RIGHT - LEFT, 68, SUNKEN)
        left(canvas, LEFT + 12, top - 48, label["fr"], 9, BOLD)
        right(canvas, RIGHT - 12, top - 48, label["ar"], 10, BOLD)
        centred(canvas, MIDDLE, top - 50, f"{display_dirhams(statement.amount)} DH", 22, BOLD)
        centred(canvas, MIDDLE, top - 67, statement.state["fr"], 8.5, BOLD, colour)
        centred(canvas, MIDDLE, top - 82, statement.state["ar"], 9.5, BOLD, colour)

    return Block(106, paint)


def _claim(claim: StatementClaim, *, to_provider: bool) -> Iterator[Block]:
    """One claim: who, when, then each line with what it gives and why not more."""
    yield _claim_head(claim, to_provider=to_provider)
    for line in claim.lines:
        yield _line(line)
        for reason in line.reasons:
            yield _reason(reason)
    if len(claim.lines) > 1:
        yield _claim_foot(claim)


def _claim_head(claim: StatementClaim, *, to_provider: bool) -> Block:
    """The claim's number, its day, its patient; who gave the care, unless it is who reads it."""
    when = f"{claim.care_date:%d/%m/%Y}"
    patient = {name: fit(claim.patient[name], room=140, size=9) for name in ("fr", "ar")}
    provider = {name: fit(claim.provider[name], room=220, size=9) for name in ("fr", "ar")}
    height = 22 if to_provider else 36

    def paint(canvas: Canvas, top: float) -> None:
        fill(canvas, LEFT, top - height, RIGHT - LEFT, height - 2, SUNKEN)
        fill(canvas, LEFT, top - height, 3, height - 2, ACTION)
        left(canvas, LEFT + 12, top - 16, f"FSE {grouped(claim.fse_number)}", 9, BOLD, ACTION)
        left(canvas, LEFT + 124, top - 16, when, 9, BOLD)
        left(canvas, LEFT + 184, top - 16, patient["fr"], 9)
        if patient["ar"] != patient["fr"]:
            right(canvas, RIGHT - 10, top - 16, patient["ar"], 9)
        if not to_provider:
            left(canvas, LEFT + 12, top - 30, provider["fr"], 8.5, colour=INK_2)
        if not to_provider and provider["ar"] != provider["fr"]:
            right(canvas, RIGHT - 10, top - 30, provider["ar"], 9, colour=INK_2)

    return Block(height + 3, paint, sticks=True)


def _heads(first: str | Promise, *others: str | Promise) -> Block:
    """Heads of the columns, French above Arabic."""
    label, columns = in_both_languages(first), [in_both_languages(other) for other in others]

    def paint(canvas: Canvas, top: float) -> None:
        left(canvas, LEFT, top - 10, label["fr"], 7.5, colour=INK_3)
        left(canvas, LEFT, top - 20, label["ar"], 8, colour=INK_3)
        for edge, column in zip(COLUMNS, columns, strict=True):
            right(canvas, edge, top - 10, column["fr"], 7.5, colour=INK_3)
            right(canvas, edge, top - 20, column["ar"], 8, colour=INK_3)
        rule(canvas, LEFT, top - 25, RIGHT, top - 25, RULE, 0.8)

    return Block(29, paint, sticks=True)


def _line(line: StatementLine) -> Block:
    label = line.label["fr"] if line.quantity == 1 else f"{line.label['fr']} × {line.quantity}"
    rows = wrap(label, room=LABEL_ROOM, size=9)
    if line.label["ar"] != line.label["fr"]:
        rows += wrap(line.label["ar"], room=LABEL_ROOM, size=9)
    figures = (
        display_dirhams(line.charged),
        display_dirhams(line.tariff),
        display_dirhams(line.base),
        display_rate(line.rate_bp),
        display_dirhams(line.reimbursed),
        display_dirhams(line.insured_share),
    )

    def paint(canvas: Canvas, top: float) -> None:
        for index, row in enumerate(rows):
            left(canvas, LEFT, top - 13 - 12 * index, row, 9, colour=INK_2 if index else INK)
        _figures(canvas, top - 13, figures)

    return Block(8 + 12 * len(rows), paint, sticks=bool(line.reasons))


def _figures(canvas: Canvas, y: float, figures: Sequence[str], size: float = 8.5) -> None:
    """Figures at the right edges of their columns, what is reimbursed in bold."""
    for index, (edge, figure) in enumerate(zip(COLUMNS, figures, strict=True)):
        right(canvas, edge, y, figure, size, BOLD if index == REIMBURSED else REGULAR)


def _reason(reason: Bilingual) -> Block:
    """Why not more: French in the left half, Arabic in the right half, line by line."""
    room = (RIGHT - LEFT - 40) / 2
    french = wrap(reason["fr"], room=room, size=8)
    arabic = wrap(reason["ar"], room=room, size=8.5)
    height = 12.0 * max(len(french), len(arabic))

    def paint(canvas: Canvas, top: float) -> None:
        fill(canvas, LEFT, top - height, 1.2, height - 2, RULE)
        fill(canvas, RIGHT - 1.2, top - height, 1.2, height - 2, RULE)
        for index, row in enumerate(french):
            left(canvas, LEFT + 9, top - 9 - 12 * index, row, 8, colour=INK_2)
        for index, row in enumerate(arabic):
            right(canvas, RIGHT - 9, top - 9 - 12 * index, row, 8.5, colour=INK_2)

    return Block(height + 4, paint)


def _claim_foot(claim: StatementClaim) -> Block:
    total = in_both_languages(_("Total du dossier"))

    def paint(canvas: Canvas, top: float) -> None:
        rule(canvas, LEFT, top - 3, RIGHT, top - 3, RULE, 0.8)
        left(canvas, LEFT, top - 16, f"{total['fr']}", 9, BOLD)
        left(canvas, LEFT + 84, top - 16, total["ar"], 9, BOLD)
        _figures(
            canvas,
            top - 16,
            (
                display_dirhams(claim.charged),
                "",
                "",
                "",
                display_dirhams(claim.reimbursed),
                display_dirhams(claim.insured_share),
            ),
        )

    return Block(34, paint)


def _totals(statement: Statement) -> Iterator[Block]:
    """The sums, from what was charged to what was transferred: they add up to the centime."""
    yield Block(
        8,
        lambda canvas, top: rule(canvas, LEFT, top - 4, RIGHT, top - 4, ACTION, 1.4),
        sticks=True,
    )
    share = (
        _("Reste à la charge des assurés") if statement.to_provider else _("Reste à votre charge")
    )
    yield _sum(_("Total facturé"), statement.charged, sticks=True)
    yield _sum(share, -statement.left_to_the_insured, sticks=True)
    yield _sum(_("Total remboursé, somme des lignes"), statement.reimbursed, sticks=True)
    if statement.kept_before:
        yield _sum(_("Retenu sur un virement rejeté"), -statement.kept_before, sticks=True)
    for debt in statement.debts:
        yield _debt(debt)
    yield _sum(_("Total du virement"), statement.amount, font=BOLD)


def _debt(debt: StatementDebt) -> Block:
    """What was kept for one debt, and what is left of it for the next transfers."""
    left_of_it = in_both_languages(
        _("Reste dû après ce virement : %(amount)s DH"),
        {"amount": f"\u2068{display_dirhams(debt.left)}\u2069"},
    )
    edge = COLUMNS[REIMBURSED]
    french = [*wrap(debt.sentence["fr"], room=edge - LEFT, size=9), left_of_it["fr"]]
    arabic = [*wrap(debt.sentence["ar"], room=edge - LEFT, size=9.5), left_of_it["ar"]]

    def paint(canvas: Canvas, top: float) -> None:
        for index, row in enumerate(french):
            left(canvas, LEFT, top - 12 - 12 * index, row, 9, colour=INK if index == 0 else INK_2)
        for index, row in enumerate(arabic, start=len(french)):
            right(canvas, edge, top - 12 - 12 * index, row, 9.5, colour=INK_2)
        right(canvas, RIGHT, top - 12, f"{display_dirhams(-debt.kept)} DH", 9.5, BOLD)

    return Block(12.0 * (len(french) + len(arabic)) + 8, paint, sticks=True)


def _sum(name: str | Promise, centimes: int, *, font: str = REGULAR, sticks: bool = False) -> Block:
    label = in_both_languages(name)

    def paint(canvas: Canvas, top: float) -> None:
        left(canvas, LEFT, top - 12, label["fr"], 9.5, font)
        right(canvas, COLUMNS[2], top - 12, label["ar"], 9.5, font)
        right(canvas, RIGHT, top - 12, f"{display_dirhams(centimes)} DH", 9.5, BOLD)

    return Block(18, paint, sticks)
