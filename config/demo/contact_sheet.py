"""The contact sheet of the photographs: one row a screen, French then Arabic, wide then narrow."""

from html import escape
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from config.demo.photographs import LANGUAGES, WIDTHS, Album, Photograph

COLUMNS = {1280: 460, 360: 200}  # width of a thumbnail, px
THUMB_HEIGHT, GAP, LABEL = 420, 16, 26
PAPER, INK, EDGE = "#F4EFE4", "#1B2526", "#B9AC90"
STYLE = f"""
body {{ margin: 2rem; background: {PAPER}; color: {INK}; font: 15px/1.5 system-ui, sans-serif; }}
h2 {{ font-size: 1rem; margin: 2rem 0 0.5rem; }}
div {{ display: flex; gap: 1rem; align-items: start; overflow-x: auto; }}
a {{ flex: none; border: 1px solid {EDGE}; }}
img {{ display: block; }}
"""


def write_contact_sheet(album: Album) -> tuple[Path, Path]:
    """Write contact-sheet.html and contact-sheet.png beside the photographs; return both paths."""
    rows = [
        (screen, [each for each in album.taken if each.screen == screen])
        for screen in album.screens()
    ]
    html = album.folder / "contact-sheet.html"
    html.write_text(_page(rows), encoding="utf-8")
    png = album.folder / "contact-sheet.png"
    _draw(rows).save(png, optimize=True)
    return html, png


def _page(rows: list[tuple[str, list[Photograph]]]) -> str:
    sections = [
        f"<section><h2>{escape(screen)}</h2><div>{''.join(map(_picture, photographs))}</div></section>"
        for screen, photographs in rows
    ]
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Waraqa: every screen</title>'
        f"<style>{STYLE}</style></head><body><h1>Waraqa: every screen</h1>"
        f"{''.join(sections)}</body></html>\n"
    )


def _picture(photograph: Photograph) -> str:
    name = escape(photograph.path.name)
    words = escape(f"{photograph.screen}, {photograph.language}, {photograph.width} px")
    width = COLUMNS[photograph.width]
    return f'<a href="{name}"><img src="{name}" alt="{words}" width="{width}" loading="lazy"></a>'


def _draw(rows: list[tuple[str, list[Photograph]]]) -> Image.Image:
    width = GAP + sum(COLUMNS[each] + GAP for _language in LANGUAGES for each in WIDTHS)
    band = LABEL + THUMB_HEIGHT + GAP
    sheet = Image.new("RGB", (width, GAP + band * len(rows)), PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(15)
    for index, (screen, photographs) in enumerate(rows):
        top = GAP + band * index
        pen.text((GAP, top), screen, fill=INK, font=font)
        for each in photographs:
            thumb = _thumbnail(each)
            place = (_left_of(each), top + LABEL)
            sheet.paste(thumb, place)
            right, bottom = place[0] + thumb.width, place[1] + thumb.height
            pen.rectangle((place[0] - 1, place[1] - 1, right, bottom), outline=EDGE)
    return sheet


def _left_of(photograph: Photograph) -> int:
    cells = [(language, width) for language in LANGUAGES for width in WIDTHS]
    before = cells[: cells.index((photograph.language, photograph.width))]
    return GAP + sum(COLUMNS[width] + GAP for _language, width in before)


def _thumbnail(photograph: Photograph) -> Image.Image:
    """The top of the photograph, as wide as its column; what is below the fold is in the file."""
    with Image.open(photograph.path) as opened:
        image = opened.convert("RGB")
    width = COLUMNS[photograph.width]
    image = image.resize(
        (width, round(image.height * width / image.width)), Image.Resampling.LANCZOS
    )
    return image.crop((0, 0, width, min(image.height, THUMB_HEIGHT)))
