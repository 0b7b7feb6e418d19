"""What a page is drawn with: the design's colours, one line of letters, a rule, a QR code, the mark."""

import segno
from reportlab.pdfgen.canvas import Canvas

from core.lettering import REGULAR, runs, width

# The design's tokens (static/css/tokens.css).
SHEET, SUNKEN, RULE, MARGIN_INK = "#FFFDF8", "#F4EFE4", "#DFD6C4", "#E3B7AA"
INK, INK_2, INK_3, ACTION = "#1B2526", "#48514F", "#5F645C", "#0F4A5A"
PAID, RETURNED = "#1D5F3D", "#9E2B18"
QUIET = 4  # modules around a QR code, as ISO/IEC 18004 asks


def left(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    font: str = REGULAR,
    colour: str = INK,
) -> None:
    """Draw one line from a left edge; `y` is its baseline."""
    line = canvas.beginText(x, y)
    line.setFillColor(colour)
    for name, run in runs(text, font):
        line.setFont(name, size)
        line.textOut(run)
    canvas.drawText(line)


def right(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    font: str = REGULAR,
    colour: str = INK,
) -> None:
    """Draw one line that ends at a right edge."""
    left(canvas, x - width(text, size, font), y, text, size, font, colour)


def centred(
    canvas: Canvas,
    x: float,
    y: float,
    text: str,
    size: float,
    font: str = REGULAR,
    colour: str = INK,
) -> None:
    """Draw one line around its middle."""
    left(canvas, x - width(text, size, font) / 2, y, text, size, font, colour)


def fill(canvas: Canvas, x: float, y: float, width: float, height: float, colour: str) -> None:
    """Fill a rectangle given by its lower left corner."""
    canvas.setFillColor(colour)
    canvas.rect(x, y, width, height, stroke=0, fill=1)


def rule(
    canvas: Canvas, x1: float, y1: float, x2: float, y2: float, colour: str, thickness: float
) -> None:
    """Draw a straight line."""
    canvas.setStrokeColor(colour)
    canvas.setLineWidth(thickness)
    canvas.line(x1, y1, x2, y2)


def qr(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """Draw a QR code (correction M) as rectangles, runs of dark modules joined; its quiet zone inside."""
    matrix = segno.make(text, error="m", boost_error=False, micro=False).matrix
    module = side / (len(matrix) + 2 * QUIET)
    fill(canvas, x, y, side, side, "#FFFFFF")
    for row, modules in enumerate(matrix):
        start = None
        for column, dark in enumerate([*modules, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                top = y + side - (row + 1 + QUIET) * module
                run = (column - start) * module
                fill(canvas, x + (start + QUIET) * module, top, run, module, INK)
                start = None


def logo(canvas: Canvas, x: float, y: float) -> None:
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
    rule(canvas, 8, 8, 8, 27, MARGIN_INK, 1.5)
    rule(canvas, 11.5, 17, 20, 17, ACTION, 1.75)
    rule(canvas, 11.5, 21.5, 17.5, 21.5, ACTION, 1.75)
    canvas.restoreState()
