"""One machine, for trying and developing: demo logins allowed, no TLS."""

from config.settings.base import *  # noqa: F403
from config.settings.base import env

DEBUG = env.bool("DEBUG", default=True)
DEMO_LOGINS = DEBUG
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
# A demonstration sends nothing: the asker's screen shows the message.
TEXT_MESSAGES = env.str("TEXT_MESSAGES", default="insured.gateways.demo_messages.ShownMessages")
# A demonstration pays from an invented account (bank code 999 is not attributed).
FUND_RIB = env.str("FUND_RIB", default="999780000000000000000105")
FUND_BIC = env.str("FUND_BIC", default="WARQMAMC")
