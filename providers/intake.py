"""What the sync room tells the rooms below of a document that was signed with no network."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Offline:
    """A document signed offline, once its envelope was judged.

    `signed_at`: the plausible instant of signing, by which keys, memberships and prescriptions are
    judged. `received_at`: when the envelope arrived, the filing date. `learnt_at`: the device's last
    contact with the server; what happened after it could not be known there. `code`: the text of the
    prescription's code that a counter checked.
    """

    signed_at: datetime
    received_at: datetime
    learnt_at: datetime
    code: str | None = None
