"""How amounts, rates, days, numbers and doses are written on a page.

Figures keep Western digits in both languages and are isolated, so that a minus sign, a per cent
sign or a slash stays on its own side in a page read from the right.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from babel.dates import format_date
from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from core.languages import in_readers_letters
from core.money import display_dirhams, display_rate
from core.sealed_fields import masked

register = template.Library()
register.filter("masked", masked)
register.filter("called", in_readers_letters)

NARROW_NO_BREAK_SPACE = "\u202f"
WATERFALL_SCALE = 1000

# Morocco names its months in its own way in Arabic (نونبر, غشت).
LOCALES = {"fr": "fr_MA", "ar": "ar_MA"}
WRITTEN_DAYS = {"long": "d MMMM y", "short": "d MMM"}


@register.filter
def dirhams(centimes: int | str | None) -> str:
    """An amount in centimes as dirhams without the unit: ``149625`` gives ``1 496,25``."""
    return "" if centimes is None or centimes == "" else display_dirhams(int(centimes))


@register.filter
def percent(basis_points: int | str | None) -> SafeString | str:
    """A rate in basis points: ``7000`` gives ``70 %`` in French, ``70%`` in Arabic."""
    if basis_points is None or basis_points == "":
        return ""
    written = display_rate(int(basis_points))
    if get_language_bidi():
        written = written.replace(NARROW_NO_BREAK_SPACE, "")
    return format_html('<bdi dir="ltr">{}</bdi>', written)


@register.filter
def day(value: date | datetime | None, form: str = "figures") -> SafeString | str:
    """A day as ``13/11/2026``; ``"long"``: 13 novembre 2026; ``"short"``: 13 nov.

    An instant is first brought to the local time zone.
    """
    if not value:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), _written_day(value, form)
    )


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """An instant as its day and its time of day in the local time zone: ``13/11/2026 09:12``."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html(
        '<time datetime="{}"><bdi dir="ltr">{}</bdi></time>',
        value.isoformat(),
        f"{local:%d/%m/%Y %H:%M}",
    )


def _written_day(value: date, form: str) -> SafeString | str:
    if form == "figures":
        return format_html('<bdi dir="ltr">{}</bdi>', f"{value:%d/%m/%Y}")
    language = "ar" if get_language_bidi() else "fr"
    words = format_date(value, WRITTEN_DAYS[form], locale=LOCALES[language])
    return words.replace("1 ", "1er ", 1) if value.day == 1 and language == "fr" else words


@register.filter
def grouped(number: object, size: int = 4) -> str:
    """A long number in groups, from the left: ``261144709385`` gives ``2611 4470 9385``."""
    text = re.sub(r"\s+", "", "" if number is None else str(number))
    return " ".join(text[start : start + size] for start in range(0, len(text), size))


TITLES = {"Dr", "Pr", "M", "Mme", "د", "ذ"}


@register.filter
def initials(name: object) -> str:
    """The first letters of the first and last words of a name, its title aside; Arabic ones stand apart."""
    words = [word for word in re.split(r"[\s.]+", str(name or "")) if word]
    words = [word for word in words if word not in TITLES] or words
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[0] for word in words]
    joined = any("\u0600" <= letter <= "\u06ff" for letter in letters)
    return (" " if joined else "").join(letters).upper()


@register.filter
def dose_cells(pattern: str | Sequence[Any] | None) -> list[dict[str, str]]:
    """The labelled cells of a dose pattern: ``"1-0-1"``, or the quantities themselves.

    Three parts are morning, noon and evening; a fourth is bedtime.
    """
    parts = re.split(r"\s*-\s*", pattern) if isinstance(pattern, str) else list(pattern or [])
    labels = [_("matin"), _("midi"), _("soir"), _("coucher")]
    return [
        {"label": label, "quantity": str(part).strip()}
        for label, part in zip(labels, parts, strict=False)
    ]


@register.filter
def waterfall(rows: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Places the rows of a waterfall on a scale of 1000, for SVG rectangles.

    A row is ``{"label", "centimes", "kind"}``: kind ``in`` sets the level, ``out`` takes its
    amount off the level, ``got`` and ``you`` are drawn from zero.
    """
    given = [dict(row) for row in rows or []]
    whole = max((abs(row["centimes"]) for row in given), default=0) or 1
    placed, level = [], 0
    for row in given:
        amount = abs(row["centimes"])
        taken = row.get("kind") == "out"
        level = level - amount if taken else amount
        start = max(level, 0) if taken else 0
        placed.append(
            row
            | {
                "is_taken": taken,
                "signed": -amount if taken else amount,
                "x": start * WATERFALL_SCALE // whole,
                "width": max(1, amount * WATERFALL_SCALE // whole) if amount else 0,
            }
        )
    return placed


@register.simple_tag
def field_help(field: BoundField, help_text: str, unaided: bool) -> str:
    """The help of a bound field: the page's own, else the form's unless the page leaves it out."""
    return str(help_text or ("" if unaided else field.help_text))


@register.simple_tag
def control(field: BoundField, *, aided: str = "", autocomplete: str = "") -> SafeString:
    """The widget of a bound field, told which of its help and its error describe it."""
    # Django would describe the field by a help it does not show here.
    field.help_text = aided
    described = [f"{field.auto_id}-help"] if aided else []
    described += [f"{field.auto_id}-error"] if field.errors else []
    # Django leaves out of the page what is False.
    attrs: dict[str, Any] = {"aria-describedby": " ".join(described) or False}
    if autocomplete:
        attrs["autocomplete"] = autocomplete
    if field.errors:
        attrs["aria-invalid"] = "true"
    # A placeholder that repeats the label says nothing.
    if field.field.widget.attrs.get("placeholder"):
        attrs["placeholder"] = False
    return field.as_widget(attrs=attrs)


@register.simple_tag(takes_context=True)
def page_query(context: template.Context, name: str, number: int) -> str:
    """The current query string with the page number replaced, for links of a pagination."""
    request = context.get("request")
    query = request.GET.copy() if request else None
    if query is None:
        return f"?{name}={number}"
    query[name] = str(number)
    return f"?{query.urlencode()}"


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether a bound field is one box to tick, whose words stand beside it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not hasattr(
        field.field.widget, "choices"
    )


@register.simple_tag
def document_language() -> dict[str, str]:
    """The language and direction of the root element."""
    return {
        "code": (get_language() or "fr").split("-")[0],
        "dir": "rtl" if get_language_bidi() else "ltr",
    }
