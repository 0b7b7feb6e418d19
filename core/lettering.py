"""Letters on a PDF page: two weights of one font, Tifinagh's own, and Arabic joined and ordered.

reportlab draws letters one after the other from the left. So Arabic is wrapped in its logical order
first, then each line is joined (arabic-reshaper) and put in visual order (python-bidi), then drawn
from the right: any other sequence gives broken letters or lines in reverse order.
"""

from functools import lru_cache
from itertools import groupby

from arabic_reshaper import ArabicReshaper
from bidi import get_display
from django.conf import settings
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD, TIFINAGH = "Waraqa", "Waraqa-Bold", "Waraqa-Tifinagh"
FONT_FOLDER = "node_modules/@expo-google-fonts"
FILES = {
    REGULAR: "noto-sans-arabic/400Regular/NotoSansArabic_400Regular.ttf",
    BOLD: "noto-sans-arabic/700Bold/NotoSansArabic_700Bold.ttf",
    TIFINAGH: "noto-sans-tifinagh/400Regular/NotoSansTifinagh_400Regular.ttf",
}
# The font has no isolated presentation forms: a letter alone keeps its own code.
_RESHAPER = ArabicReshaper(configuration={"use_unshaped_instead_of_isolated": True})
_INVISIBLE = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
# A letter of a script no font has (Chinese, Cyrillic) is shown as missing.
MISSING = "?"


@lru_cache(maxsize=1)
def prepare_fonts() -> None:
    """Register the fonts with reportlab, once a process."""
    for name, path in FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(settings.BASE_DIR / FONT_FOLDER / path)))


def is_arabic(text: str) -> bool:
    """Tell whether a text has Arabic letters, and is read from the right."""
    return any("\u0600" <= character <= "\u06ff" for character in text)


def visual(text: str, font: str = REGULAR) -> str:
    """Return one line as it is drawn: joined, in visual order, without invisible marks."""
    if is_arabic(text):
        text = get_display(_RESHAPER.reshape(text), base_dir="R")
    text = text.translate(_INVISIBLE)
    return "".join(letter if _font_with(letter, font) else MISSING for letter in text)


def runs(text: str, font: str = REGULAR) -> list[tuple[str, str]]:
    """Return one line as it is drawn, in runs of letters of one font: each with its font."""
    parts = groupby(visual(text, font), key=lambda letter: _font_with(letter, font) or font)
    return [(name, "".join(letters)) for name, letters in parts]


def _font_with(letter: str, font: str) -> str:
    """The font that has a letter: the one asked for, or Tifinagh's; none is an empty name."""
    names = (font, TIFINAGH)
    return next((name for name in names if ord(letter) in _letters_of(name)), "")


@lru_cache(maxsize=len(FILES))
def _letters_of(font: str) -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)


def width(text: str, size: float, font: str = REGULAR) -> float:
    """Return the width of one line, in points."""
    return sum(float(pdfmetrics.stringWidth(run, name, size)) for name, run in runs(text, font))


def wrap(text: str, *, room: float, size: float, font: str = REGULAR) -> list[str]:
    """Cut a text into lines no wider than `room` points, in logical order.

    A word wider than the room is cut where it must be; no-break spaces hold.
    """
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        longer = f"{current} {word}" if current else word
        if width(longer, size, font) <= room:
            current = longer
            continue
        if current:
            lines.append(current)
        current = word
        while width(current, size, font) > room:
            fitting = _fitting(current, room=room, size=size, font=font)
            lines.append(current[:fitting])
            current = current[fitting:]
    return [*lines, current]


def fit(text: str, *, room: float, size: float, font: str = REGULAR) -> str:
    """Return a text that must stay on one line, cut with an ellipsis where it is too long."""
    if width(text, size, font) <= room:
        return text
    return f"{wrap(text, room=room - size, size=size, font=font)[0]}…"


def _fitting(word: str, *, room: float, size: float, font: str) -> int:
    """How many letters of a word fit, one at least."""
    for length in range(len(word) - 1, 1, -1):
        if width(word[:length], size, font) <= room:
            return length
    return 1
