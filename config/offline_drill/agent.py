"""The fund's agent of a drill, who looks in the evening at each envelope that was set aside."""

from accounts.models import Role, User
from config.offline_drill.oracle import ASIDE
from core import clock
from sync.models import Envelope
from sync.services import EnvelopeDecided, release_envelope

NAME = "agent-hors-ligne"


def decide() -> dict[str, str]:
    """Answer for what honest devices sent and the rules set aside; return ids and why they waited.

    A fork stays where it is: the drill knows who forged it.
    """
    agent, _new = User.objects.get_or_create(
        username=NAME, defaults={"full_name": NAME, "role": Role.AGENT, "is_staff": True}
    )
    decided = {}
    aside = Envelope.objects.filter(state__in=ASIDE, is_fork=False)
    for envelope in aside.order_by("device", "sequence"):
        try:
            release_envelope(envelope=envelope, reason="exercice", by=agent, at=clock.now())
        except EnvelopeDecided:  # the one before it was all it waited for
            continue
        decided[str(envelope.pk)] = envelope.code
    return decided
