"""Tests: everything as in `dev`, with fast passwords and a secret of their own."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "only-for-tests")

from config.settings.dev import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEBUG = False
DEMO_LOGINS = True
# Most tests are about what a bank says; those of its channel turn this off.
BANK_ANSWERS_MAY_BE_UNSIGNED = True
AXES_ENABLED = False
# Static files are looked up where they lie: nothing is collected for tests.
WHITENOISE_AUTOREFRESH = True
# Each process of the suite rings its own bell: a worker started by one never answers for another.
CELERY_TASK_DEFAULT_QUEUE = f"tests-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
# Drawn at set-up elsewhere: here one for all, so that what is sealed can be compared.
SEALING_KEYS = ["AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI"]
SEAL_KEY = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
# Nobody waits for an instant drawn; the test of the window sets its own.
SEND_WINDOW_SECONDS = 0
# Each process of the suite has a warehouse of its own.
WAREHOUSE_DIR = os.path.join(
    tempfile.gettempdir(), f"waraqa-tests-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
)
