"""What the sync room tells the rooms below of a document that was signed with no network."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Offline:
    """A document signed offline, once its envelope was judged.

    `signed_at`: the plausible instant of signing, by which keys, memberships and prescriptions are
    judged. `received_at`: when the envelope arrived, the filing date. `learnt_at`: the device's last
    contact with the server; what happened after it could not be known there. `code`: the text of the
    prescription's code that a counter checked. `vouched`: a person of the fund answers for it, whatever
    the state of the key.
    """

    signed_at: datetime
    received_at: datetime
    learnt_at: datetime
    code: str | None = None
    vouched: bool = False

    @property
    def key_valid_at(self) -> datetime | None:
        """The instant at which the key must have been valid; None once a person answers for it."""
        return None if self.vouched else self.signed_at
