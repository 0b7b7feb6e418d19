"""The bench: a database of its own, no debugging, quiet logs; only `config.bench` starts under it."""

from config.settings.dev import *  # noqa: F403
from config.settings.dev import LOGGING

DEBUG = False
DEMO_LOGINS = False
AXES_ENABLED = False
ROOT_URLCONF = "config.bench.urls"
# Bells of the bench ring in a queue nobody listens to; it is emptied at the end.
CELERY_TASK_DEFAULT_QUEUE = "bench"
# Static files are looked up where they lie: nothing is collected to be measured.
WHITENOISE_AUTOREFRESH = True
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "WARNING"}}
