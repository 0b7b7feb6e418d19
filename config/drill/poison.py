"""Claims that no worker survives: one whose screening raises, one that kills the process."""

import os
import signal
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from claims.models import Claim
from fraud import services

# Told by what they charge, in centimes: nobody else in the drill's country charges these.
RAISES = 66_601
KILLS = 66_602


class PoisonTasted(RuntimeError):
    """The screening of the invented poison failed, as it always does."""


def screen_claims(*, subject_ids: Sequence[UUID], at: datetime) -> None:
    """Screen as the product does, unless a poison is among the claims."""
    poisons = Claim.objects.filter(id__in=subject_ids, charged_centimes__in=[RAISES, KILLS])
    tasted = set(poisons.values_list("charged_centimes", flat=True))
    if KILLS in tasted:
        os.kill(os.getpid(), signal.SIGKILL)
    if RAISES in tasted:
        raise PoisonTasted
    services.screen_claims(subject_ids=subject_ids, at=at)
