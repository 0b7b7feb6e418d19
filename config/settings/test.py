"""Tests: everything as in `dev`, with fast passwords and a secret of their own."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests")

from config.settings.dev import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEBUG = False
DEMO_LOGINS = True
AXES_ENABLED = False
# Static files are looked up where they lie: nothing is collected for tests.
WHITENOISE_AUTOREFRESH = True
