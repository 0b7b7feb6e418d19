"""By which way a pharmaceutical form reaches the body. Pure."""

from enum import StrEnum
from functools import lru_cache

from prescriptions.rules.safety.names import fold


class Route(StrEnum):
    """Ways of administration that a source distinguishes."""

    ORAL = "ORAL"
    INJECTED = "INJECTED"
    INHALED = "INHALED"
    LOCAL = "LOCAL"
    RECTAL = "RECTAL"
    VAGINAL = "VAGINAL"
    TRANSDERMAL = "TRANSDERMAL"
    UNKNOWN = "UNKNOWN"


# Words of the list's own forms, the most telling first: « SUSPENSION POUR INHALATION BUCCALE » is inhaled,
# « SOLUTION BUVABLE OU RECTALE » is drunk.
_WORDS: tuple[tuple[Route, tuple[str, ...]], ...] = (
    (Route.ORAL, ("buvable", "orodispersible", "oral", "voie orale")),
    (Route.INHALED, ("inhal", "nebulis", "endotracheo")),
    (Route.TRANSDERMAL, ("transdermique",)),
    (Route.VAGINAL, ("vaginal", "gynecologique", "ovule", "intra-uterin")),
    (Route.RECTAL, ("rectal", "suppositoire", "lavement")),
    (
        Route.LOCAL,
        (
            "collyre", "ophtalmique", "occulaire", "oculaire", "nasal", "auricul", "local", "creme",
            "pommade", "gel ", "gelifiee", "lotion", "shampooing", "dentaire", "dentifrice", "gingival",
            "bain de bouche", "collutoire", "pansement", "compresse", "mousse", "pulverisation buccale",
            "buccal", "a sucer", "irrigation", "intravesical", "dialyse", "hemodialyse",
        ),
    ),
    (
        Route.INJECTED,
        ("injec", "perfusion", "parenteral", "lyophilisat", "implant", "pompe"),
    ),
    (
        Route.ORAL,
        ("comprime", "gelule", "capsule", "sirop", "dragee", "granule", "sachet", "poudre effervescente",
         "globule", "sublingual"),
    ),
)  # fmt: skip


@lru_cache(2_000)
def route_of(form: str) -> Route:
    """The route a form's name tells; UNKNOWN where it tells none."""
    words = fold(form) + " "
    for route, signs in _WORDS:
        if any(sign in words for sign in signs):
            return route
    return Route.UNKNOWN
