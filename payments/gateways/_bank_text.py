"""Names in the character set that every bank's system accepts."""

import re

from text_unidecode import unidecode

# The Latin set of ISO 20022 credit transfers, apostrophe and slash included.
_FOREIGN = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]+")
_SPACES = re.compile(r" {2,}")
# What the speller writes for a letter of a script it does not know.
_UNSPELLED = "[?]"
NAME_LENGTH = 70


def bank_text(text: str, *, otherwise: str = "BENEFICIAIRE") -> str:
    """Return `text` in Latin letters without accents, in the bank's character set, 70 characters at most.

    Arabic is spelled in Latin letters roughly: banks pay on the account number, the name is for
    people. What has no Latin spelling at all gives `otherwise`.
    """
    spelled = _FOREIGN.sub(" ", unidecode(text).replace(_UNSPELLED, " "))
    # A bank's system reads a slash at an end, or two of them, as a field separator.
    kept = _SPACES.sub(" ", spelled.replace("//", "/")).strip(" /")
    return kept[:NAME_LENGTH].rstrip(" /") or otherwise
