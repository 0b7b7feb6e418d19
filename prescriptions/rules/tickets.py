"""The secrets that open a prescription: its own, and the one of a line's ticket, derived. Pure."""

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 6
_ALIKE = str.maketrans("OIL", "011")


def line_secret(secret: str, fse_number: str, position: int) -> str:
    """Return the secret of one line's ticket: thirty bits of HMAC-SHA256 under the prescription's secret."""
    digest = hmac.digest(secret.encode(), f"{fse_number}:{position}".encode(), hashlib.sha256)
    bits = int.from_bytes(digest, "big") >> (len(digest) * 8 - LENGTH * 5)
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(LENGTH)))


def same_secret(typed: str, secret: str) -> bool:
    """Compare a secret as typed by a person: case, spaces, dashes and look-alikes forgiven."""
    plain = typed.upper().translate(_ALIKE).replace(" ", "").replace("-", "")
    return hmac.compare_digest(plain.encode(), secret.encode())
