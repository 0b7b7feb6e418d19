"""Names under which the warehouse knows what a person could recognise: keyed, never the thing itself.

Rows keep their keys, which are drawn and say nothing outside the product's own tables. What is written
elsewhere, on a paper or at a bank (the number of a sheet, a bank account), is kept as an HMAC: whoever has
the file, and tries every number, finds none without the secret `WAREHOUSE_KEY`.
"""

import hmac
from hashlib import sha256

from django.conf import settings

LENGTH = 32


def pseudonym(kind: str, text: str) -> str:
    """The name of something of one kind: the same for the same text, another under another secret."""
    key = f"waraqa.warehouse.{kind}:{settings.WAREHOUSE_KEY}".encode()
    return hmac.digest(key, text.encode(), sha256).hex()[:LENGTH]
