"""Sentences of a decision in the reader's language, rendered from stored codes and integers.

Standard library only: the same words on the server, in the browser and on the statement.
"""

from collections.abc import Mapping
from enum import StrEnum

from claims.adjudication.decision import Step, StepValue
from claims.adjudication.reasons import EXPLANATIONS, Reason
from core.money import display_dirhams, display_rate

NO_BREAK_SPACE = "\u00a0"
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"


class Language(StrEnum):
    """Languages the sentences are written in."""

    FRENCH = "fr"
    ARABIC = "ar"


# What a step says when it gives no reason: it explains, it takes nothing away.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "letter_tariff": (
        (
            "Tarif de référence : lettre {letter} à {value_centimes} DH × coefficient"
            " {coefficient_hundredths} × quantité {quantity} = {after_centimes} DH."
        ),
        (
            "التعريفة المرجعية: الحرف {letter} بقيمة {value_centimes} درهم × المعامل"
            " {coefficient_hundredths} × الكمية {quantity} = {after_centimes} درهم."
        ),
    ),
    "flat_tariff": (
        (
            "Tarif forfaitaire : {flat_tariff_centimes} DH × quantité {quantity} ="
            " {after_centimes} DH."
        ),
        "تعريفة جزافية: {flat_tariff_centimes} درهم × الكمية {quantity} = {after_centimes} درهم.",
    ),
    "medicine_tariff": (
        "Prix base de remboursement : {base_price_centimes} DH × {quantity} = {after_centimes} DH.",
        "الثمن أساس التعويض: {base_price_centimes} درهم × {quantity} = {after_centimes} درهم.",
    ),
    "prior_approval_used": (
        "Entente préalable accordée : quantité {quantity} utilisée, il en reste {after}.",
        "الموافقة المسبقة ممنوحة: استعملت منها الكمية {quantity}، وبقي {after}.",
    ),
    "base_is_charge": (
        "Le remboursement se calcule sur le prix payé, {after_centimes} DH.",
        "يحتسب التعويض على أساس الثمن المؤدى، {after_centimes} درهم.",
    ),
    "standard_rate": (
        "Taux ordinaire de {after_bp} : {base_centimes} DH × {after_bp} = {amount_centimes} DH.",
        "النسبة العادية {after_bp}: {base_centimes} درهم × {after_bp} = {amount_centimes} درهم.",
    ),
    "list_rate": (
        (
            "Taux de la liste des médicaments, {after_bp} : {base_centimes} DH × {after_bp} ="
            " {amount_centimes} DH."
        ),
        (
            "نسبة لائحة الأدوية {after_bp}: {base_centimes} درهم × {after_bp} ="
            " {amount_centimes} درهم."
        ),
    ),
    "illness_rate": (
        (
            "Longue maladie reconnue ({illness}), taux de {after_bp} : {base_centimes} DH ×"
            " {after_bp} = {amount_centimes} DH."
        ),
        (
            "مرض طويل الأمد معترف به ({illness})، النسبة {after_bp}: {base_centimes} درهم ×"
            " {after_bp} = {amount_centimes} درهم."
        ),
    ),
    "public_illness_rate": (
        (
            "Longue maladie reconnue ({illness}), au moins {after_bp} dans le secteur public :"
            " {base_centimes} DH × {after_bp} = {amount_centimes} DH."
        ),
        (
            "مرض طويل الأمد معترف به ({illness})، {after_bp} على الأقل في القطاع العام:"
            " {base_centimes} درهم × {after_bp} = {amount_centimes} درهم."
        ),
    ),
    "tadamon_rate": (
        (
            "AMO TADAMON dans le secteur public, l'État prend en charge la part de l'assuré :"
            " {base_centimes} DH × {after_bp} = {amount_centimes} DH."
        ),
        (
            "أمو تضامن في القطاع العام، تتحمل الدولة حصة المؤمن: {base_centimes} درهم × {after_bp} ="
            " {amount_centimes} درهم."
        ),
    ),
    "ceiling_left": (
        (
            "Plafond de {ceiling_centimes} DH par {period_months} mois : il restait {left_centimes} DH,"
            " le remboursement n'est pas réduit."
        ),
        (
            "سقف {ceiling_centimes} درهم عن كل {period_months} شهرا: المتبقي {left_centimes} درهم،"
            " ولم يخفض التعويض."
        ),
    ),
    "insured_share": (
        (
            "Payé {before_centimes} DH, remboursé {amount_centimes} DH : il reste {after_centimes} DH"
            " à la charge de l'assuré."
        ),
        (
            "المؤدى {before_centimes} درهم، والمعوض {amount_centimes} درهم: يبقى على عاتق المؤمن"
            " {after_centimes} درهم."
        ),
    ),
}


def render_step(step: Step, language: Language) -> str:
    """The sentence of a step, its amounts and dates written for people."""
    if step.reason is not None:
        explanation = EXPLANATIONS[step.reason]
        templates = (explanation.french, explanation.arabic)
    else:
        templates = SENTENCES[step.sentence]
    if language is Language.ARABIC:
        isolated = f"{FIRST_STRONG_ISOLATE}%s{POP_ISOLATE}"
        return templates[1].format_map(_Shown(step, isolated))
    return _without_breaks(templates[0].format_map(_Shown(step)))


def render_title(reason: Reason, language: Language) -> str:
    """A reason in a few words, for a badge or a list."""
    explanation = EXPLANATIONS[reason]
    return explanation.title_ar if language is Language.ARABIC else explanation.title_fr


_MOVED = {
    f"{name}{unit}": name for name in ("before", "after") for unit in ("", "_centimes", "_bp")
}


class _Shown(dict[str, str]):
    """The names a template uses, each written for people when it is asked for.

    `around` keeps figures and codes in their own direction inside a right-to-left sentence.
    """

    def __init__(self, step: Step, around: str = "%s") -> None:
        super().__init__()
        self._step, self._details, self._around = step, step.details, around

    def __missing__(self, name: str) -> str:
        known = self._details
        value = known[name] if name in known else getattr(self._step, _MOVED[name])
        return self._around % _person_form(name, value)


def _person_form(name: str, value: StepValue) -> str:
    if isinstance(value, str):
        return "/".join(reversed(value.split("-"))) if name.endswith("_date") else value
    if name.endswith("_centimes"):
        return display_dirhams(value)
    if name.endswith("_bp"):
        return display_rate(value)
    if name.endswith("_hundredths"):
        return display_dirhams(value).rstrip("0").rstrip(",")
    return str(value)


def _without_breaks(sentence: str) -> str:
    """French typography: a line never breaks before a colon, a semicolon or a currency."""
    for mark in (":", ";", "DH"):
        sentence = sentence.replace(f" {mark}", f"{NO_BREAK_SPACE}{mark}")
    return sentence
