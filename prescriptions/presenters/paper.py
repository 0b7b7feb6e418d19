"""The paper of a prescription: A5, French from the left, Arabic from the right, sealed.

It shows all that its code says (docs/prescriptions.md), so that whoever decodes the code learns nothing
more, and what article 34 of law 17-04 asks: date, author in full, address, patient, age of a child.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from core.ink import (
    ACTION,
    INK,
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
from core.languages import Bilingual, in_both_languages
from core.lettering import BOLD, fit, prepare_fonts, width, wrap
from core.paper_seal import seal_paper
from core.templatetags.waraqa import grouped
from prescriptions import selectors
from prescriptions.models import LineKind, OrderKind, PrescribedItem, Prescription
from prescriptions.rules.code import KID_BYTES, kid_of

WIDTH, HEIGHT = A5
LEFT, RIGHT = 36.0, WIDTH - 24.0
MARGIN_RULE = 26.0
TOP = HEIGHT - 58.0
# The stub torn at the foot of every page: the code, 33 mm wide, the number, the secret.
STUB, CODE = 128.0, 94.0
BOTTOM = STUB + 14.0

MOMENTS = (
    ("dose_morning", _("matin")),
    ("dose_noon", _("midi")),
    ("dose_evening", _("soir")),
    ("dose_bedtime", _("coucher")),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A band of the page, drawn down from its top edge."""

    height: float
    draw: Callable[[Canvas, float], None]


def paper_pdf(prescription: Prescription, *, on: date) -> bytes:
    """Return the sealed PDF, the signed document and its signature inside. Raises SealMissing.

    `on` is the day of printing, on which the patient's age is told.
    """
    signed = {"document": prescription.document, "signature": prescription.signature}
    text = selectors.code_of(prescription.fse_number)
    if text is not None:
        signed["code"] = text
    return seal_paper(
        draw(prescription, on=on, text=text),
        reason=str(_("Ordonnance reçue, signée par le poste du prescripteur")),
        files={
            f"ordonnance-{prescription.fse_number}.json": json.dumps(
                signed, ensure_ascii=False, sort_keys=True
            ).encode()
        },
    )


def draw(prescription: Prescription, *, on: date, text: str | None) -> bytes:
    """Return the PDF before its seal. The same prescription gives the same bytes."""
    prepare_fonts()
    pages = list(_paginated([*_head(prescription, on), *_lines(prescription)]))
    output = BytesIO()
    canvas = Canvas(output, pagesize=A5, invariant=1, pageCompression=1, lang="fr")
    canvas.setTitle(f"Waraqa {prescription.fse_number}")
    canvas.setAuthor("Waraqa")
    for number, blocks in enumerate(pages, start=1):
        _sheet(canvas, f"{number} / {len(pages)}")
        _stub(canvas, prescription, text)
        top = TOP
        for block in blocks:
            block.draw(canvas, top)
            top -= block.height
        canvas.showPage()
    canvas.save()
    return output.getvalue()


def _paginated(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    page: list[Block] = []
    room = TOP - BOTTOM
    for block in blocks:
        if page and block.height > room:
            yield page
            page, room = [], TOP - BOTTOM
        page.append(block)
        room -= block.height
    yield page


def _sheet(canvas: Canvas, number: str) -> None:
    fill(canvas, 0, 0, WIDTH, HEIGHT, SHEET)
    rule(canvas, MARGIN_RULE, 0, MARGIN_RULE, HEIGHT, MARGIN_INK, 0.8)
    logo(canvas, LEFT, HEIGHT - 46)
    title = in_both_languages(_("Ordonnance"))
    left(canvas, LEFT + 34, HEIGHT - 36, title["fr"], 15, BOLD)
    right(canvas, RIGHT, HEIGHT - 36, title["ar"], 15, BOLD)
    right(canvas, RIGHT, 8, number, 7, BOLD, INK_2)
    rule(canvas, LEFT, HEIGHT - 52, RIGHT, HEIGHT - 52, ACTION, 1.2)


def _head(prescription: Prescription, on: date) -> Iterator[Block]:
    """Who prescribes, to whom, when: the mentions of article 34."""
    doctor, patient = prescription.prescriber, prescription.patient
    yield _party(_("Prescripteur"), doctor.name, doctor.name_ar)
    details = [doctor.speciality, f"INPE {doctor.inpe}", doctor.address]
    yield _note(" · ".join(detail for detail in details if detail))
    yield _party(_("Patient"), patient.full_name, patient.name_ar)
    yield _born(patient.birth_date, _age(patient.birth_date, on))
    yield from _days(prescription)
    yield Block(6, lambda canvas, top: rule(canvas, LEFT, top - 3, RIGHT, top - 3, RULE, 0.8))


def _party(name: Promise, value: str, value_ar: str) -> Block:
    label = in_both_languages(name)
    room = (RIGHT - LEFT) / 2 - 4

    def paint(canvas: Canvas, top: float) -> None:
        left(canvas, LEFT, top - 8, label["fr"], 6.5, colour=INK_3)
        right(canvas, RIGHT, top - 8, label["ar"], 7, colour=INK_3)
        left(canvas, LEFT, top - 20, fit(value, room=room, size=10, font=BOLD), 10, BOLD)
        arabic = "" if value_ar == value else fit(value_ar, room=room, size=10.5, font=BOLD)
        right(canvas, RIGHT, top - 20, arabic, 10.5, BOLD)

    return Block(24, paint)


def _note(text: str) -> Block:
    rows = wrap(text, room=RIGHT - LEFT, size=7.5)

    def paint(canvas: Canvas, top: float) -> None:
        for index, row in enumerate(rows):
            left(canvas, LEFT, top - 7 - 9.5 * index, row, 7.5, colour=INK_2)

    return Block(9.5 * len(rows) + 5, paint)


def _pair(sentence: Bilingual, *, size: float = 8, height: float = 11.5) -> Block:
    """One sentence in both languages, each from its side; one above the other where they meet."""
    together = width(sentence["fr"], size) + width(sentence["ar"], size + 0.5) + 10 <= RIGHT - LEFT
    below = 0.0 if together else height

    def paint(canvas: Canvas, top: float) -> None:
        left(canvas, LEFT, top - 8, sentence["fr"], size, colour=INK_2)
        right(canvas, RIGHT, top - 8 - below, sentence["ar"], size + 0.5, colour=INK_2)

    return Block(height + below, paint)


def _born(born: date, age: int) -> Block:
    day = {"day": _isolated(f"{born:%d/%m/%Y}"), "age": _isolated(age)}
    return _pair(in_both_languages(_("Date de naissance : %(day)s, âge : %(age)s"), day))


def _days(prescription: Prescription) -> Iterator[Block]:
    written = _isolated(f"{prescription.written_on:%d/%m/%Y}")
    until = _isolated(f"{prescription.valid_until:%d/%m/%Y}")
    days = {"day": written, "until": until}
    yield _pair(in_both_languages(_("Écrite le %(day)s, à délivrer avant le %(until)s"), days))
    if prescription.starts_on:
        first = _isolated(f"{prescription.starts_on:%d/%m/%Y}")
        yield _pair(in_both_languages(_("À délivrer à partir du %(day)s"), {"day": first}))
    if repeats := prescription.document.get("repeats"):
        times = {name: _isolated(repeats[name]) for name in ("count", "every_days")}
        yield _pair(
            in_both_languages(
                _("Délivrances en tout : %(count)s, jours entre deux : %(every_days)s"), times
            )
        )


def _lines(prescription: Prescription) -> Iterator[Block]:
    acts = {
        line["position"]: (line.get("order") or {}).get("act")
        for line in prescription.document["lines"]
    }
    for item in prescription.items.all():
        yield _line(item, acts[item.position])


def _line(item: PrescribedItem, act: str | None) -> Block:
    """One thing prescribed: what, how it is taken in both languages, then what limits it."""
    names = wrap(_what(item, act), room=RIGHT - LEFT - 18, size=9, font=BOLD)
    wording = item.wording if item.kind != LineKind.COMPOUND else ""
    words = [
        row
        for part in wording.split("\n")
        if part
        for row in wrap(part, room=RIGHT - LEFT - 18, size=8)
    ]
    taken = [_taken(item), *_limits(item)]
    below = [_placed(sentence) for sentence in taken]
    height = 12.0 * len(names) + 10.5 * len(words) + sum(block.height for block in below) + 7

    def paint(canvas: Canvas, top: float) -> None:
        right(canvas, LEFT + 11, top - 11, str(item.position), 9, BOLD, ACTION)
        y = top - 11
        for row in names:
            left(canvas, LEFT + 18, y, row, 9, BOLD, INK)
            y -= 12
        for row in words:
            left(canvas, LEFT + 18, y + 1, row, 8, colour=INK)
            y -= 10.5
        y += 8
        for block in below:
            block.draw(canvas, y)
            y -= block.height
        rule(canvas, LEFT + 18, top - height + 2, RIGHT, top - height + 2, RULE, 0.4)

    return Block(height, paint)


def _placed(sentence: Bilingual) -> Block:
    room = RIGHT - LEFT - 18
    together = width(sentence["fr"], 7.5) + width(sentence["ar"], 8) + 8 <= room
    below = 0.0 if together else 10.0

    def paint(canvas: Canvas, top: float) -> None:
        left(canvas, LEFT + 18, top - 7, sentence["fr"], 7.5, colour=INK_2)
        right(canvas, RIGHT, top - 7 - below, sentence["ar"], 8, colour=INK_2)

    return Block(10.5 + below, paint)


def _what(item: PrescribedItem, act: str | None) -> str:
    """The name as it is dispensed, with the code that the 2D code carries."""
    if item.medicine is not None:
        return f"{item.medicine.label} · {item.medicine.ean}"
    if item.kind == LineKind.INN:
        parts = [item.inn, item.strength, item.strength_unit, item.form]
        return " ".join(part for part in parts if part)
    if item.kind == LineKind.ORDER:
        label = in_both_languages(OrderKind(item.order_kind).label)
        kind = label["fr"].capitalize()
        return f"{kind} ({act})" if act else kind
    return item.wording.replace("\n", " ")


def _taken(item: PrescribedItem) -> Bilingual:
    """When, how many, for how long, how many boxes."""
    said = {"fr": [], "ar": []}  # type: dict[str, list[str]]

    def add(name: str | Promise, value: object) -> None:
        label = in_both_languages(name)
        said["fr"].append(f"{label['fr']} {value}")
        said["ar"].append(f"{label['ar']} {_isolated(value)}")

    for field, name in MOMENTS:
        units = getattr(item, field)
        if units.strip("0."):
            add(name, units.replace(".", ","))
    if item.kind != LineKind.ORDER:
        add(_("jours"), item.duration_days)
    add(_("fois") if item.kind == LineKind.ORDER else _("boîtes"), item.boxes)
    if item.kind in {LineKind.MEDICINE, LineKind.INN} and item.substitution_allowed:
        allowed = in_both_languages(_("substitution permise"))
        said["fr"].append(allowed["fr"])
        said["ar"].append(allowed["ar"])
    return Bilingual(fr=" · ".join(said["fr"]), ar=" · ".join(said["ar"]))


def _limits(item: PrescribedItem) -> Iterator[Bilingual]:
    if item.kind in {LineKind.MEDICINE, LineKind.INN} and not item.substitution_allowed:
        yield in_both_languages(_("Ne pas substituer"))
    if item.over_maximum:
        yield in_both_languages(_("« Je dis bien » : dose voulue par le prescripteur"))
    if item.illness_code:
        yield in_both_languages(
            _("Affection de longue durée : %(code)s"), {"code": _isolated(item.illness_code)}
        )


def _stub(canvas: Canvas, prescription: Prescription, text: str | None) -> None:
    """The foot of the page: the code, then what is typed where no scan works."""
    canvas.setDash(3, 3)
    rule(canvas, LEFT, STUB, RIGHT, STUB, INK_3, 0.8)
    canvas.setDash()
    qr(canvas, text or f"WARAQA:{prescription.fse_number}", LEFT, STUB - CODE - 8, CODE)
    x = LEFT + CODE + 12
    _typed(canvas, x, STUB - 14, _("Numéro FSE"), grouped(prescription.fse_number))
    if secret := prescription.document.get("secret"):
        _typed(canvas, x, STUB - 42, _("Secret"), secret)
    check = {"page": _isolated("/verifier/")}
    scheme = in_both_languages(_("Scannez, ou tapez le numéro. Pour vérifier : %(page)s"), check)
    left(canvas, x, STUB - 72, scheme["fr"], 6.5, colour=INK_2)
    right(canvas, RIGHT, STUB - 83, scheme["ar"], 7, colour=INK_2)
    key = kid_of(prescription.document["device"])[:KID_BYTES].hex()
    left(canvas, x, STUB - 94, f"Patient {prescription.patient_id}", 5.5, colour=INK_3)
    left(canvas, x, STUB - 102, f"Clé {key}", 5.5, colour=INK_3)


def _typed(canvas: Canvas, x: float, y: float, name: Promise, value: str) -> None:
    label = in_both_languages(name)
    left(canvas, x, y, label["fr"], 6.5, colour=INK_3)
    right(canvas, RIGHT, y, label["ar"], 7, colour=INK_3)
    left(canvas, x, y - 14, value, 13, BOLD, ACTION)


def _isolated(value: object) -> str:
    """A figure inside an Arabic sentence keeps its own direction."""
    return f"\u2068{value}\u2069"


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
