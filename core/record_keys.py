"""Keys of rows: UUID version 7 (RFC 9562), so that new rows stand together in an index.

Work on thousands of rows holds keys as text, `TextKey`: comparing and hashing UUID objects is Python code.
"""

from uuid import UUID

import uuid_utils
from uuid_utils.compat import uuid7

TextKey = str


def new_key() -> UUID:
    """Return a new time-ordered UUIDv7."""
    return uuid7()


def new_text_key() -> TextKey:
    """Return a new time-ordered UUIDv7 as the database writes it."""
    return str(uuid_utils.uuid7())
