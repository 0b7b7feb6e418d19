"""Many people, real money: no default for anything secret, TLS everywhere, demo logins refused."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403
from config.settings.base import CLOCK_OFFSET_SECONDS, WARAQA_CRASH_AT, required

if CLOCK_OFFSET_SECONDS or WARAQA_CRASH_AT:
    raise ImproperlyConfigured(
        "CLOCK_OFFSET_SECONDS and WARAQA_CRASH_AT are for drills only: with DEBUG=0 nothing starts "
        "while one of them is set."
    )

DEBUG = False
DEMO_LOGINS = False
FUND_RIB = required("FUND_RIB")
FUND_BIC = required("FUND_BIC")
BANK_ANSWERS_MAY_BE_UNSIGNED = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.release.ReleasedFiles"},
}
SECURE_SSL_REDIRECT = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
