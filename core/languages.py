"""The same words in both languages, side by side: what answers carry."""

from collections.abc import Mapping
from typing import Any, TypedDict

from django.utils import translation
from django.utils.functional import Promise

from core.errors import LANGUAGES


class Bilingual(TypedDict):
    """A sentence in French and in Arabic."""

    fr: str
    ar: str


def in_readers_letters(named: object, latin: str = "") -> str:
    """Return what a person, a provider or a place is called, in Arabic letters for who reads Arabic.

    In Latin letters where no Arabic name is known: `latin`, or what the object calls itself.
    """
    arabic = getattr(named, "name_ar", "") if translation.get_language_bidi() else ""
    return arabic or latin or str(named)


def in_both_languages(message: str | Promise, params: Mapping[str, Any] | None = None) -> Bilingual:
    """Return a lazy French source sentence in each language, `%(name)s` filled from `params`."""
    sentences: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            text = str(message)
            sentences[language] = text % params if params else text
    return Bilingual(fr=sentences["fr"], ar=sentences["ar"])
