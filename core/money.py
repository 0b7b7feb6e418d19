"""Money and rates: integer centimes, integer basis points, one rounding.

Source: docs/adjudication.md, "Quantities". No float ever enters an amount.
"""

import re

CENTIMES_PER_DIRHAM = 100
BASIS_POINTS = 10_000
RATE_DECIMALS = 4

_DIRHAMS = re.compile(r"[0-9]+\.[0-9]{2}")
_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?")
_THIN_SPACE = "\u202f"
_MINUS = "\u2212"


def round_half_up(numerator: int, denominator: int) -> int:
    """Nearest whole number to a fraction, a half going up. The only rounding of the product.

    Raises ValueError for a negative numerator or a denominator below one.
    """
    if numerator < 0 or denominator < 1:
        raise ValueError(f"cannot round {numerator}/{denominator}: a fraction of zero or more")
    return (2 * numerator + denominator) // (2 * denominator)


def parse_dirhams(text: str) -> int:
    """Centimes of an amount in dirhams, "56.00": digits, a point, exactly two decimals.

    Raises ValueError for anything else, a sign or a digit of another script included.
    """
    if not isinstance(text, str) or not _DIRHAMS.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount in dirhams with two decimals, like '56.00'")
    return int(text.replace(".", ""))


def format_dirhams(centimes: int) -> str:
    """Dirhams with two decimals for files and programs: 5600 gives "56.00"."""
    sign = "-" if centimes < 0 else ""
    dirhams, rest = divmod(abs(centimes), CENTIMES_PER_DIRHAM)
    return f"{sign}{dirhams}.{rest:02d}"


def display_dirhams(centimes: int) -> str:
    """Dirhams for people, in French and in Moroccan Arabic alike: 149625 gives "1 496,25".

    Thousands are parted by a narrow no-break space; the minus sign is U+2212.
    """
    sign = _MINUS if centimes < 0 else ""
    dirhams, rest = divmod(abs(centimes), CENTIMES_PER_DIRHAM)
    return f"{sign}{dirhams:,}".replace(",", _THIN_SPACE) + f",{rest:02d}"


def parse_decimal(text: str, places: int) -> int:
    """Whole number of the smallest units of a decimal number: ("1.5", 2) gives 150.

    Raises ValueError when the text is not digits with an optional point, or is finer than
    ``places`` decimals.
    """
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text!r} is not a decimal number, like '1.5'")
    whole, _, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) > places:
        raise ValueError(f"{text!r} has more than {places} decimals")
    return int(whole + decimals.ljust(places, "0"))


def parse_rate(text: str) -> int:
    """Basis points of a rate between 0 and 1: "0.70" gives 7000. Raises ValueError otherwise."""
    basis_points = parse_decimal(text, RATE_DECIMALS)
    if basis_points > BASIS_POINTS:
        raise ValueError(f"{text!r} is a rate above 1")
    return basis_points


def format_rate(basis_points: int) -> str:
    """Rate with two decimals, more only when needed: 7000 gives "0.70", 7750 gives "0.775"."""
    whole, rest = divmod(basis_points, BASIS_POINTS)
    decimals = f"{rest:0{RATE_DECIMALS}d}".rstrip("0").ljust(2, "0")
    return f"{whole}.{decimals}"


def display_rate(basis_points: int) -> str:
    """Percentage for people: 7000 gives "70 %", 7750 gives "77,5 %" (narrow no-break space)."""
    whole, rest = divmod(basis_points, BASIS_POINTS // 100)
    decimals = f",{rest:02d}".rstrip("0") if rest else ""
    return f"{whole}{decimals}{_THIN_SPACE}%"
