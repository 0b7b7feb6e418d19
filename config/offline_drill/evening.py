"""The evening of a day: the network is back, everything is sent, agents look at what was set aside."""

import time
from collections.abc import Callable

from config.offline_drill import agent
from config.offline_drill.browsers import PageGone, Post
from config.offline_drill.day import Day
from config.offline_drill.faults import Faults
from config.offline_drill.site import wait_until

# What ends a wait that will never end; whoever is done goes on at once.
SENDING_SECONDS = 600.0
SETTLING_SECONDS = 600.0
# What still waits: bells to ring, claims to judge, money on its way.
UNSETTLED = """
SELECT (SELECT count(*) FROM core_outboxmessage WHERE done_at IS NULL AND quarantined_at IS NULL),
       (SELECT count(*) FROM claims_claim
         WHERE state IN ('SUBMITTED', 'ADJUDICATED', 'APPROVED', 'SCHEDULED')
           AND (reimbursed_centimes > 0 OR state IN ('SUBMITTED', 'ADJUDICATED'))),
       (SELECT count(*) FROM payments_paymentbatch WHERE state IN ('FROZEN', 'APPROVED', 'EXPORTED'))
"""


class Evening:
    """What is done after the last step.

    `decided`: envelopes a person decided of, after their turn in the chain, and why they waited.
    """

    def __init__(self, day: Day, say: Callable[[str], None]) -> None:
        self.decided: dict[str, str] = {}
        self.faults: list[str] = []
        self._day = day
        self._say = say

    def settle(self, faults: Faults) -> None:
        """End the faults, send what waits, wait until the money stands still."""
        faults.end()
        self._say("network, sessions and clocks are right again")
        for post in self._day.posts:
            self._send_all(post)
            self._say(f"{post.name} has sent everything it could")
        self._say("everything sent")
        self.decided = agent.decide()
        self._say(f"{len(self.decided)} decided by a person")
        if not wait_until(self._is_settled, seconds=SETTLING_SECONDS):
            self.faults.append(f"not settled: {self._day.site.ask(UNSETTLED)}")
        self._say("settled")

    def _send_all(self, post: Post) -> None:
        end = time.monotonic() + SENDING_SECONDS
        told = "no page"
        while time.monotonic() < end:
            try:
                answer = post.do("drain")
                if not answer["waiting"]:
                    return
                told = answer["told"]
            except PageGone as gone:
                told = str(gone).splitlines()[0]
                post.reload()
        self.faults.append(f"{post.name} could not send everything: {told}")

    def _is_settled(self) -> bool:
        (waiting,) = self._day.site.ask(UNSETTLED)
        return not any(waiting)
