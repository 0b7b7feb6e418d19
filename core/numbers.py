"""Numbers people read and type: FSE numbers minted on devices, bank accounts, EAN codes."""

import secrets

from stdnum import ean
from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_37_36

# Crockford's alphabet: no I, L, O, U, so that a number survives the telephone and a bad printer.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans("OIL", "011")
PREFIX_LENGTH = 5
BODY_LENGTH = 6
NUMBER_LENGTH = PREFIX_LENGTH + BODY_LENGTH + 1
RIB_LENGTH = 24
# The prefix of the numbers printed on pads of paper sheets: no device ever has it.
PAPER_PREFIX = "PAPER"


def normalise_number(typed: str) -> str:
    """Return a typed FSE number without spaces or dashes, in capitals, look-alikes mapped."""
    kept = "".join(character for character in typed.upper() if character not in " -\u00a0\u202f")
    return kept.translate(_LOOKALIKES)


def check_character(body: str) -> str:
    """Return the ISO 7064 hybrid check character of `body` over our 32-character alphabet."""
    return str(mod_37_36.calc_check_digit(body, alphabet=ALPHABET))


def is_fse_number(number: str) -> bool:
    """Tell whether `number` is normalised, 12 characters long, and its check character is right."""
    if len(number) != NUMBER_LENGTH or any(character not in ALPHABET for character in number):
        return False
    return check_character(number[:-1]) == number[-1]


def is_paper_number(number: str) -> bool:
    """Tell whether a normalised number was minted for a paper sheet, and not on a device."""
    return number.startswith(PAPER_PREFIX)


def mint_prefix() -> str:
    """Return a random device prefix (5 characters), never that of paper; uniqueness is the register's."""
    prefix = "".join(secrets.choice(ALPHABET) for _ in range(PREFIX_LENGTH))
    return mint_prefix() if prefix == PAPER_PREFIX else prefix


def mint_fse_number(prefix: str) -> str:
    """Mint a number under a device's prefix: 30 random bits, no network, no counter to guess."""
    body = prefix + "".join(secrets.choice(ALPHABET) for _ in range(BODY_LENGTH))
    return body + check_character(body)


def whole_number(typed: str) -> int | None:
    """Return a small whole number typed by a person, or None for anything else."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else None


def is_rib(rib: str) -> bool:
    """Tell whether `rib` has 24 digits and its key (last two) satisfies the mod 97 rule."""
    return len(rib) == RIB_LENGTH and rib.isascii() and rib.isdigit() and int(rib) % 97 == 0


def ean_check_digit_is_right(code: str) -> bool:
    """Tell whether an EAN-13's check digit is right: a warning, never a refusal (19 official codes fail)."""
    try:
        ean.validate(code)
    except ValidationError:
        return False
    return True
