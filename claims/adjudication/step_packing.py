"""The steps of one line as short text: a code for what each says, then its figures.

Every code below is stored: the table grows at its end, and no code ever changes its meaning.
A step of a shape the table has not is written out whole, under the code 0.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from claims.adjudication.decision import Rule, Step, StepValue
from claims.adjudication.packed import VERSION, Items, PackingError, encode, of_type, read, written
from claims.adjudication.reasons import Reason

WHOLE = 0
FIRST_DETAIL = ".{}."


class Shape(NamedTuple):
    """A step the engine takes, all of it known but its figures.

    ``reference`` is None where the text keeps it; braces in it stand for the first detail.
    ``names`` are those of the details. A step ``from_nothing`` has 0 before.
    """

    code: int
    rule: Rule
    sentence: str
    reason: Reason | None
    reference: str | None
    from_nothing: bool
    names: tuple[str, ...]

    def filled_with(self, values: Sequence[StepValue]) -> str:
        """The reference of a step of this shape, "" where the text keeps it."""
        reference = self.reference or ""
        return reference.replace(FIRST_DETAIL, f".{values[0]}.") if values else reference


def _says(code: int, rule: Rule, sentence: str, reference: str | None, names: str = "") -> Shape:
    return Shape(code, rule, sentence, None, reference, False, tuple(names.split()))


def _sets(code: int, rule: Rule, sentence: str, reference: str, names: str) -> Shape:
    return Shape(code, rule, sentence, None, reference, True, tuple(names.split()))


def _takes(code: int, rule: Rule, reason: Reason, reference: str | None, names: str = "") -> Shape:
    return Shape(code, rule, reason.lower(), reason, reference, False, tuple(names.split()))


_LETTER = "letter value_centimes coefficient_hundredths quantity"
_RATE = "base_centimes amount_centimes"
_ILLNESS = "base_centimes amount_centimes illness"
_CEILING = "ceiling_centimes period_months left_centimes"
_AMOUNT = "principles.amount"
_GENERIC = "principles.medicine_base"
_FACTORS = "accumulation.factors"
_APPROVAL = "principles.prior_approval"
_AGREED = "principles.provider_agreement"
_USES = "earlier limit period_months care_date"
_FILED = "received_date limit_date"

# The most frequent first: their codes have one digit.
SHAPES: tuple[Shape, ...] = (
    _says(1, Rule.SHARES, "insured_share", "", "amount_centimes"),
    _sets(2, Rule.TARIFF, "medicine_tariff", _GENERIC, "base_price_centimes quantity"),
    _sets(3, Rule.TARIFF, "letter_tariff", "key_letters.{}.PRIVATE", _LETTER),
    _sets(4, Rule.TARIFF, "letter_tariff", "key_letters.{}.PUBLIC", _LETTER),
    _says(5, Rule.RATE, "base_is_charge", _AMOUNT),
    _takes(6, Rule.RATE, Reason.PRICE_CAPPED, _AMOUNT),
    _takes(7, Rule.RATE, Reason.GENERIC_BASE, _GENERIC),
    _sets(8, Rule.RATE, "standard_rate", "rates.standard_act", _RATE),
    _sets(9, Rule.RATE, "list_rate", "principles.medicine_rate", _RATE),
    _sets(10, Rule.RATE, "illness_rate", "rates.long_illness", _ILLNESS),
    _sets(11, Rule.RATE, "public_illness_rate", "rates.long_illness_public", _ILLNESS),
    _sets(12, Rule.RATE, "tadamon_rate", "rates.tadamon_public", _RATE),
    _sets(
        13, Rule.TARIFF, "flat_tariff", "principles.flat_tariff", "flat_tariff_centimes quantity"
    ),
    _says(14, Rule.CEILING, "ceiling_left", None, _CEILING),
    _takes(15, Rule.CEILING, Reason.CEILING_REACHED, None, _CEILING),
    _says(16, Rule.PRIOR_APPROVAL, "prior_approval_used", _APPROVAL, "quantity"),
    _takes(17, Rule.ACCUMULATION, Reason.SECOND_ACT_HALVED, _FACTORS, "rank factor_bp"),
    _takes(18, Rule.ACCUMULATION, Reason.FURTHER_ACT_NOT_BILLED, _FACTORS, "rank"),
    _takes(19, Rule.FILING, Reason.FILED_LATE, "delays.filing_months", _FILED),
    _takes(20, Rule.FILING, Reason.FILED_LATE, "delays.continuous_treatment_days", _FILED),
    _takes(21, Rule.RIGHTS, Reason.RIGHTS_CLOSED, "principles.rights", "care_date"),
    _takes(22, Rule.DEPENDANT, Reason.DEPENDANT_TOO_OLD, None, "limit_years care_date"),
    _takes(23, Rule.PROVIDER, Reason.PROVIDER_NOT_AGREED, _AGREED, "care_date"),
    _takes(24, Rule.COVER, Reason.NOT_COVERED, "principles.cover"),
    _takes(25, Rule.TARIFF, Reason.NO_TARIFF, "key_letters.{}.PRIVATE", "letter care_date"),
    _takes(26, Rule.TARIFF, Reason.NO_TARIFF, "key_letters.{}.PUBLIC", "letter care_date"),
    _takes(27, Rule.PRIOR_APPROVAL, Reason.PRIOR_APPROVAL_MISSING, _APPROVAL, "care_date quantity"),
    _takes(28, Rule.FREQUENCY, Reason.FREQUENCY_EXCEEDED, None, _USES),
)

_BY_CODE: Mapping[int, Shape] = {shape.code: shape for shape in SHAPES}
# All that is known of a step, to find its shape at once; the reference is the shape's own.
_Known = tuple[str, str | None, Rule, Reason | None, tuple[str, ...]]
_BY_KNOWN: Mapping[_Known, Shape] = {
    (shape.sentence, shape.reference, shape.rule, shape.reason, shape.names): shape
    for shape in SHAPES
}
_FIXED = {
    known: shape
    for known, shape in _BY_KNOWN.items()
    if shape.reference is not None and FIRST_DETAIL not in shape.reference
}


def pack_steps(steps: Sequence[Step]) -> str:
    """The steps of one line as ASCII text, equal steps giving equal text."""
    return f"{VERSION}[{','.join([_packed(step) for step in steps])}]"


def _packed(step: Step) -> str:
    """The items of one step."""
    rule, sentence, reference, before, after, reason, names, figures = step
    known = (sentence, reference, rule, reason, names)
    shape = _FIXED.get(known) or _open_shape(known, str(figures[0]) if figures else "")
    if shape is None or (before and shape.from_nothing):
        return f"{WHOLE},{encode(_whole(step))}"
    if shape.from_nothing:
        text = f"{shape.code},{after}"
    elif shape.reference is None:
        text = f"{shape.code},{written(reference)},{before},{after}"
    else:
        text = f"{shape.code},{before},{after}"
    for figure in figures:
        text += f",{figure}" if type(figure) is int else f",{written(figure)}"
    return text


@lru_cache(maxsize=1_000)
def _open_shape(known: _Known, first: str) -> Shape | None:
    """The shape of a step whose reference is not fixed: its first detail left open, or none."""
    sentence, reference, rule, reason, names = known
    detail = f".{first}." if names else FIRST_DETAIL
    own = reference.replace(detail, FIRST_DETAIL) if reference and detail in reference else None
    return _BY_KNOWN.get((sentence, own, rule, reason, names))


def _whole(step: Step) -> list[Any]:
    reason = step.reason.value if step.reason else None
    details = [part for detail in zip(step.names, step.figures, strict=True) for part in detail]
    moved = [step.before, step.after]
    return [step.rule.value, step.sentence, step.reference, *moved, reason, *details]


def unpack_steps(text: str) -> tuple[Step, ...]:
    """The steps ``pack_steps`` was given. Raises PackingError."""
    items = read("steps", text)
    steps: list[Step] = []
    while not items.is_read:
        code = items.a(int, "code")
        where = f"step {len(steps) + 1}"
        if code == WHOLE:
            steps.append(_from_whole(Items(where, items.next(where))))
        elif code in _BY_CODE:
            items.where = where
            steps.append(_from_shape(_BY_CODE[code], items))
        else:
            raise PackingError(f"{where}: unknown code {code}")
    return tuple(steps)


def _from_shape(shape: Shape, items: Items) -> Step:
    kept = items.a(str, "reference") if shape.reference is None else shape.reference
    before = 0 if shape.from_nothing else items.a(int, "before")
    after = items.a(int, "after")
    figures = tuple([_value(items, name) for name in shape.names])
    reference = kept if shape.reference is None else shape.filled_with(figures)
    said = (shape.rule, shape.sentence, reference, before, after, shape.reason)
    return Step(*said, shape.names, figures)


def _from_whole(items: Items) -> Step:
    try:
        rule = Rule(items.a(str, "rule"))
        sentence, reference = items.a(str, "sentence"), items.a(str, "reference")
        before, after = items.a(int, "before"), items.a(int, "after")
        reason = items.maybe(str, "reason")
        known = Reason(reason) if reason is not None else None
    except PackingError:
        raise
    except ValueError as error:
        raise PackingError(f"{items.where}: {error}") from error
    names, figures = [], []
    while not items.is_read:
        names.append(items.a(str, "name of a detail"))
        figures.append(_value(items, names[-1]))
    moved = (before, after)
    return Step(rule, sentence, reference, *moved, known, tuple(names), tuple(figures))


def _value(items: Items, name: str) -> StepValue:
    value = items.next(name)
    return value if isinstance(value, str) else of_type(int, value, f"{items.where}, {name}")
