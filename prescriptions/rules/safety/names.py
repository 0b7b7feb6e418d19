"""From the names of a list of medicines to the substances of the thesaurus. Pure.

A list writes « CHLORHYDRATE DE LIDOCAINE », « HEPARINE SODIQUE » or « ACIDE ASCORBIQUE (VITAMINE C) »;
the thesaurus writes « lidocaine », « heparine sodique », « acide ascorbique ». A name is compared as it
stands first, then without what the pharmacy adds to a substance (salts, hydrates, brackets), then through
the synonyms typed in `facts/synonyms.yaml`. What is still unknown is told as unknown: never guessed.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

SEPARATOR = " / "
_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'", "‐": "-", "–": "-"}
)
# Acids and radicals that make a salt: « sulfate de morphine », « propionate de clobetasol ».
_ACIDS = (
    "acetate|adipate|aspartate|benzoate|besilate|bromhydrate|bromure|butyrate|camsilate|chlorhydrate|"
    "chlorure|cipionate|citrate|decanoate|diacetate|dichlorhydrate|digluconate|dipropionate|dinitrate|"
    "enanthate|esilate|fumarate|furoate|gluconate|hemisuccinate|iodure|isethionate|lactate|lysinate|"
    "malate|maleate|mesilate|mesylate|methylsulfate|mononitrate|mucate|nitrate|oxalate|pamoate|"
    "phenylpropionate|phosphate|pivalate|propionate|stearate|succinate|sulfate|tannate|tartrate|"
    "trometamol|tosilate|undecanoate|valerate|xinafoate"
)
_BASES = (
    "sodique|disodique|potassique|calcique|magnesique|lysine|anhydre|hydrate|monohydrate|dihydrate"
)
_BASES += (
    "|trihydrate|trihydratee|micronisee?|hemihydrate|hemydrate|benzathine|procaine|axetil|pivoxil"
)
_BASES += "|proxetil|medoxomil|recombinante?"
_SALT_FIRST = re.compile(rf"^(?:{_ACIDS})(?:\s(?:acide|monosodique|disodique))?\s(?:de |d')(.+)$")
_SALT_LAST = re.compile(rf"^(.+?)\s(?:{_ACIDS}|{_BASES})$")
_BRACKETS = re.compile(r"\s*[\[(][^\])]*[\])]\s*")
_INVERTED = re.compile(r"^(.+?)\s*\(\s*([^)]*?(?:de|d'|acide|toxine))\s*\)$")
_BASE_OF_ACID = re.compile(r"^(.+?)ate (?:de |d')(?:sodium|calcium|potassium|magnesium|lysine)$")


def fold(text: str) -> str:
    """A name without accents, case, ligatures, nor the line breaks of a printed page."""
    plain = unicodedata.normalize("NFD", text.translate(_LIGATURES).lower())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"-\s+", "-", " ".join(letters.split()))


# Lists hold a few thousand names; what a person types is not kept for ever.
_REMEMBERED = 20_000


@lru_cache(_REMEMBERED)
def components(inn: str) -> tuple[str, ...]:
    """The substances a list joins by « / » in one name, folded, each once."""
    found = (fold(part) for part in inn.split(SEPARATOR))
    return tuple(dict.fromkeys(part for part in found if part))


def spellings(name: str) -> list[str]:
    """A substance's name as written, then without brackets and salts, from the surest to the barest."""
    found = [name]
    for rule in (_without_brackets, _without_salts, _as_acid):
        for known in list(found):
            bare = rule(known)
            if bare and bare not in found:
                found.append(bare)
    return found


class Dictionary:
    """The substances one source knows, found by the names other lists give them."""

    def __init__(self, known: Iterable[str], synonyms: Mapping[str, str]) -> None:
        self._known: dict[str, str] = {}
        for name in known:
            folded = fold(name)
            self._known.setdefault(folded, folded)
            inverted = _INVERTED.match(folded)
            if inverted:
                head, tail = inverted.groups()
                glue = "" if tail.endswith("'") else " "
                self._known.setdefault(f"{tail}{glue}{head}", folded)
        self._synonyms = {fold(name): fold(meant) for name, meant in synonyms.items()}
        self.find = lru_cache(_REMEMBERED)(self._find)

    def _find(self, name: str) -> str | None:
        """The source's own (folded) name of a substance, or None where it does not know it."""
        for spelling in spellings(fold(name)):
            meant = self._synonyms.get(spelling, spelling)
            for tried in (spelling, meant):
                if tried in self._known:
                    return self._known[tried]
        return None


def _without_brackets(name: str) -> str:
    return _BRACKETS.sub(" ", name).strip()


def _without_salts(name: str) -> str:
    before = ""
    while before != name:
        before = name
        for pattern in (_SALT_FIRST, _SALT_LAST):
            name = pattern.sub(r"\1", name)
    return name


def _as_acid(name: str) -> str:
    """« valproate de sodium » is « acide valproique »; « alendronate » alone is in the synonyms."""
    return _BASE_OF_ACID.sub(r"acide \1ique", name)
