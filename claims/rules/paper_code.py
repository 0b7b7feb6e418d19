"""The code on a paper sheet: its number and the server's signature, in letters every scanner types.

`WRP1`, the number (12), the ES256 signature in base 32 (103): 119 capitals and figures, a QR code of
version 5. No character moves with the layout of a keyboard, as those of base 45 do.
"""

from base64 import b32decode, b32encode
from typing import Any, NamedTuple

from core.numbers import NUMBER_LENGTH, is_fse_number, normalise_number
from core.signatures import decoded, encoded

PREFIX = "WRP1"
SIGNATURE_LETTERS = 103


class PaperCode(NamedTuple):
    """What was read: a number, and the signature (base64url) when the code was scanned."""

    number: str
    signature: str | None


def signed_content(*, number: str, inpe: str, pad: str, issued_on: str) -> dict[str, Any]:
    """Return what the server signs of a sheet: whose it is, of which pad, of which day."""
    return {
        "type": "waraqa/paper-sheet",
        "version": 1,
        "fse_number": number,
        "provider": inpe,
        "pad": pad,
        "issued_on": issued_on,
    }


def printed(number: str, signature: str) -> str:
    """Return the text of a sheet's QR code."""
    letters = b32encode(decoded(signature)).decode().rstrip("=")
    return f"{PREFIX}{number}{letters}"


def understood(text: str) -> PaperCode | None:
    """Return what a scanned code or a typed number says, or None for anything else."""
    kept = "".join(text.split()).upper()
    if kept.startswith(PREFIX) and len(kept) == len(PREFIX) + NUMBER_LENGTH + SIGNATURE_LETTERS:
        return _scanned(kept.removeprefix(PREFIX))
    number = normalise_number(kept)
    return PaperCode(number, None) if is_fse_number(number) else None


def _scanned(kept: str) -> PaperCode | None:
    number, letters = kept[:NUMBER_LENGTH], kept[NUMBER_LENGTH:]
    try:
        signature = b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        return None
    return PaperCode(number, encoded(signature)) if is_fse_number(number) else None
