"""The interactions of a thesaurus, found for two substances by crossing each one and its classes. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product as crossing

from prescriptions.rules.safety.alerts import RANK, Condition, Level, Product, Source
from prescriptions.rules.safety.names import Dictionary, fold
from prescriptions.rules.safety.routes import Route, route_of

# Classes of the thesaurus that no substance has, and one that only a route gives.
_ORAL = "medicaments administres par voie orale"
_INJECTED_IRON = "sels de fer par voie injectable"
_IRON = "fer"
_SPERMICIDES = "spermicides"
_ABSORBED_BY_ANY_ROUTE = ("collyres", "nasale", "inhales", "quelle que soit la voie")
_REMEMBERED_PAIRS = 100_000
_OTHERS = re.compile(r"\b(autres?|tous|toutes)\b")
_ADVICE = re.compile(r"\n(?=[A-ZÀÉ])")
# A level that depends on one of these is not decided from the names of the substances.
_DEPENDS_ON_MORE = re.compile(
    r"\bdoses?\b|\bmg\b|\bg/|>=|\ben cas\b|fonction|insuffisan|indication|\bphase\b|\biv\b|per os|\bvoies?\b"
    r"|intraveineu|posologie|antecedent|utilisation|sauf|visee|lorsque|\bchez\b|patient"
)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One entry: two substances or classes (folded), its levels, and the source's words."""

    parties: tuple[str, str]
    conditions: tuple[Condition, ...]
    mechanism: str

    @property
    def level(self) -> Level:
        """The one level of the entry; CONDITIONAL where it holds several. Raises nothing."""
        return self.conditions[0].level if len(self.conditions) == 1 else Level.CONDITIONAL

    @property
    def rank(self) -> int:
        """The gravest level the entry can reach; it orders entries, it is never said."""
        return max(RANK[condition.level] for condition in self.conditions)

    @property
    def wording(self) -> str:
        """What to do, in the source's words: of its one level, or of each."""
        return "\n".join(condition.text for condition in self.conditions if condition.text)

    @property
    def speaks_of_local(self) -> bool:
        """Whether the entry holds for products applied where they act too."""
        words = " ".join((*self.parties, fold(self.mechanism)))
        return any(sign in words for sign in _ABSORBED_BY_ANY_ROUTE)


@dataclass(frozen=True, slots=True)
class Found:
    """An interaction that holds between two substances of two products."""

    interaction: Interaction
    substances: tuple[str, str]
    applies: Level | None
    local_route: bool


@dataclass(slots=True)
class Thesaurus:
    """An edition in memory."""

    source: Source
    classes: Mapping[str, frozenset[str]]
    entries: Mapping[frozenset[str], Interaction]
    dictionary: Dictionary
    _told: dict[tuple[str, Route, str, Route], tuple[Found, ...]] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        source: Source,
        substances: Mapping[str, Iterable[str]],
        entries: Iterable[Interaction],
        synonyms: Mapping[str, str],
    ) -> "Thesaurus":
        """Index an edition; an entry written twice, from either side, is taken once."""
        classes = {
            fold(name): frozenset(fold(each) for each in of if each)
            for name, of in substances.items()
        }
        index: dict[frozenset[str], Interaction] = {}
        for entry in entries:
            index.setdefault(frozenset(entry.parties), entry)
        return cls(source, classes, index, Dictionary(substances, synonyms))

    def find(self, substance: str) -> str | None:
        """The thesaurus' name of a substance of the list; None where it does not know it."""
        return self.dictionary.find(substance)

    def between(self, first: Product, second: Product) -> tuple[Found, ...]:
        """Every interaction between two products, gravest first; a substance never with itself."""
        key = (first.inn, route_of(first.form), second.inn, route_of(second.form))
        found = self._told.get(key)
        if found is None:  # the same pairs come again all day
            if len(self._told) >= _REMEMBERED_PAIRS:
                self._told.clear()
            found = self._told[key] = self._crossed(first, second, (key[1], key[3]))
        return found

    def _crossed(
        self, first: Product, second: Product, routes: tuple[Route, Route]
    ) -> tuple[Found, ...]:
        """Each entry once, with the first substances that it holds between."""
        found: dict[tuple[str, str], Found] = {}
        for one, other in crossing(self._known(first), self._known(second)):
            if one == other:
                continue
            for each in self._between(one, other, routes):
                applies, local = self._decided(each, one, other), _is_local(each, routes)
                found.setdefault(each.parties, Found(each, (one, other), applies, local))
        return tuple(sorted(found.values(), key=_gravity, reverse=True))

    def sides(self, product: Product) -> list[tuple[str, Route, list[str]]]:
        """Each known substance of a product, its route, and the names entries may call it by."""
        route = route_of(product.form)
        return [(name, route, self._sides(name, route)) for name in self._known(product)]

    def _known(self, product: Product) -> list[str]:
        names = (self.find(substance) for substance in product.substances)
        return list(dict.fromkeys(name for name in names if name is not None))

    def _between(self, one: str, other: str, routes: tuple[Route, Route]) -> list[Interaction]:
        pairs = crossing(self._sides(one, routes[0]), self._sides(other, routes[1]))
        found = (self.entries.get(frozenset(pair)) for pair in pairs)
        return list({id(each): each for each in found if each is not None}.values())

    def _sides(self, substance: str, route: Route) -> list[str]:
        """A substance, its classes, and the classes that its route gives."""
        classes = self.classes.get(substance, frozenset())
        sides = {substance, *classes}
        if route is not Route.VAGINAL:
            sides.discard(_SPERMICIDES)
        if route is Route.ORAL:
            sides.add(_ORAL)
        if route is Route.INJECTED and substance == _IRON:
            sides.add(_INJECTED_IRON)
        return sorted(sides)

    def _decided(self, interaction: Interaction, one: str, other: str) -> Level | None:
        """The level of a conditional entry that the names of the substances select, if they do."""
        if interaction.level is not Level.CONDITIONAL:
            return None
        texts = [(each.level, _when(each.text)) for each in interaction.conditions]
        if any(_DEPENDS_ON_MORE.search(text) for _level, text in texts):
            return None
        if any(_names_one_of_two(text, one, other) for _level, text in texts):
            return None
        naming = {level for level, text in texts if _names(text, one) or _names(text, other)}
        if len(naming) == 1:
            return naming.pop()
        rest = {level for level, text in texts if _OTHERS.search(text)}
        # A class named in a level may hold the substance: it is not « another one » for certain.
        classes = {*self.classes.get(one, ()), *self.classes.get(other, ())}
        named_by_class = any(
            side in text for side in classes for _level, text in texts if not _OTHERS.search(text)
        )
        return rest.pop() if len(rest) == 1 and not naming and not named_by_class else None


def interaction(
    first: str, second: str, levels: Iterable[tuple[Level, str]], mechanism: str
) -> Interaction:
    """An entry as a source writes it."""
    return Interaction(
        (fold(first), fold(second)),
        tuple(Condition(level, text.lstrip(" :\n-").strip()) for level, text in levels),
        mechanism.strip(),
    )


_LEVELS = {
    "contre-indication": Level.CONTRAINDICATED,
    "association deconseillee": Level.NOT_RECOMMENDED,
    "precaution d'emploi": Level.PRECAUTION,
    "a prendre en compte": Level.CONSIDER,
    "il convient de prendre en compte": Level.CONSIDER,
}


def level_named(text: str) -> Level:
    """The level of the thesaurus' own words. Raises KeyError."""
    return _LEVELS[fold(text)]


def _when(text: str) -> str:
    """The condition of a level, without the advice that follows it as a sentence of its own."""
    return fold(_ADVICE.split(text, maxsplit=1)[0])


def _names(text: str, substance: str) -> bool:
    return re.search(rf"\b{re.escape(substance)}\b", text) is not None


def _names_one_of_two(text: str, one: str, other: str) -> bool:
    """« entre sacubitril et IEC »: one name alone does not say that the pair is meant."""
    return "entre " in text and _names(text, one) != _names(text, other)


def _is_local(interaction: Interaction, routes: tuple[Route, Route]) -> bool:
    """One product is applied where it acts, and the entry does not speak of such products."""
    return Route.LOCAL in routes and not interaction.speaks_of_local


def _gravity(found: Found) -> tuple[int, bool]:
    return found.interaction.rank, found.interaction.level is not Level.CONDITIONAL
