"""A drill: as `dev`, without debug, with a screening that two invented claims poison."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-drills")
os.environ.setdefault("SEAL_KEY", "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM")
os.environ.setdefault("SEALING_KEYS", "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ")

from config.settings.dev import *  # noqa: F403
from config.settings.dev import SUBSCRIPTIONS as REAL

DEBUG = False
DEMO_LOGINS = True
POISONED = {"fraud.services.screen_claims": "config.drill.poison.screen_claims"}
SUBSCRIPTIONS = {
    kind: tuple(POISONED.get(subscriber, subscriber) for subscriber in subscribers)
    for kind, subscribers in REAL.items()
}
