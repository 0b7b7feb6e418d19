"""What addresses of prescriptions share."""

from core.numbers import is_fse_number, normalise_number
from prescriptions import services

# The throttle of whoever looks prescriptions up by number.
LOOKUPS = "prescription-lookups"


def number_of(typed: str) -> str:
    """Return the FSE number of an address, as typed by a person. Raises PrescriptionNotFound."""
    number = normalise_number(typed)
    if not is_fse_number(number):
        raise services.PrescriptionNotFound
    return number
