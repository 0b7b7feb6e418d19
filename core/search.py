"""The one normal form under which names are stored and looked for."""

import unicodedata


def searchable(*parts: str) -> str:
    """Return the words of `parts` without accents, in lower case, parted by single spaces.

    Arabic loses its vowel and hamza marks the same way, so that both spellings meet. What is stored
    in `search_text` and what a person types must both go through here.
    """
    decomposed = unicodedata.normalize("NFKD", " ".join(parts))
    kept = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(kept.casefold().split())
