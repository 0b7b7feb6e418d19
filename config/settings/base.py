"""Settings of every environment; `dev`, `test` and `production` differ only where they must."""

from pathlib import Path
from urllib.parse import unquote

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from config.embedded import addresses
from config.settings.unfold import UNFOLD as UNFOLD
from config.subscriptions import SUBSCRIPTIONS as SUBSCRIPTIONS

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
# Secrets drawn at set-up, then the person's own file; the environment itself always wins.
env.read_env(VAR_DIR / "secrets.env", overwrite=False)
env.read_env(BASE_DIR / ".env", overwrite=False)


def required(name: str) -> str:
    """Return a setting, or stop the start with a sentence that says what to do."""
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is not set. Run `make setup` (it writes var/secrets.env), or set {name} in the "
            "environment or in .env; .env.example says what it is."
        )
    return value


NEVER = 2**31


def database() -> dict[str, object]:
    """Return the database settings; anything but PostgreSQL stops the start."""
    url = env.str("DATABASE_URL", default="") or addresses.database_url()
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured(
            "DATABASE_URL must begin with postgres:// or postgresql://, for example "
            "postgres://waraqa:password@localhost:5432/waraqa. Waraqa runs on PostgreSQL 15 or newer only."
        )
    config = env.db_url_config(url)
    # Nothing is planned once for all but what asks for it: core/pipeline.py.
    options = {"prepare_threshold": NEVER, **config.get("OPTIONS", {})}
    # A socket folder is written percent-encoded in the host part, as libpq's URLs do.
    return {**config, "HOST": unquote(str(config["HOST"])), "OPTIONS": options}


DEBUG = False
SECRET_KEY = required("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.simple_history",
    "config.backoffice.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_cotton",
    "django_htmx",
    "simple_history",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "core",
    "accounts",
    "providers",
    "insured",
    "prescriptions",
    "claims",
    "fraud",
    "payments",
    "sync",
    "config",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.NullCharacterMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "accounts.middleware.NoStoreMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "core.templatetags.waraqa",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.navigation",
                "config.webapp.offline",
            ],
        },
    }
]

DATABASES = {"default": {**database(), "ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 60}}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.AccountBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("home")
LOGOUT_REDIRECT_URL = reverse_lazy("landing")
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
# One lock on guessing, django-axes: its page says what happened, where allauth's limit blames the password.
ACCOUNT_RATE_LIMITS = {"login_failed": None}
MFA_ADAPTER = "accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Waraqa"
# Browsers accept passkeys on plain http for localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = env.bool("PASSKEYS_ON_LOCALHOST", default=False)

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/lockout.html"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 36000
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("ar", "العربية")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Africa/Casablanca"
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/noto-sans-arabic", BASE_DIR / "node_modules/@fontsource/noto-sans-arabic"),
    ("vendor/idb", BASE_DIR / "node_modules/idb/build"),
    ("vendor/canonicalize", BASE_DIR / "node_modules/canonicalize/lib"),
    ("vendor/cborg", BASE_DIR / "node_modules/cborg/lib"),
    ("vendor/qr", BASE_DIR / "node_modules/qr"),
    ("vendor/jose", BASE_DIR / "node_modules/jose/dist/webapi"),
    ("vendor/pyodide", BASE_DIR / "node_modules/pyodide"),
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "providers.api.authentication.SoftwareTokenAuthentication",
        "providers.api.authentication.PageSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.NewestFirst",
    "EXCEPTION_HANDLER": "core.api.problems.problem_response",
    # Per caller: enough for the busiest counter, too few to guess at persons or numbers.
    "DEFAULT_THROTTLE_RATES": {
        "rights-checks": "120/min",
        "prescription-lookups": "120/min",
        "safety-patients": "120/min",
        "verifier": "20/min",
    },
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Waraqa",
    "DESCRIPTION": _(
        "Feuille de soins électronique et ordonnance : l’API des éditeurs de logiciels."
    ),
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Constants of documents stay where they are said, instead of becoming named lists.
    "POSTPROCESSING_HOOKS": [],
}
# One request never holds more than this; a sheet of the largest kind weighs a few tens of kilobytes.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
MAX_LINES_A_DOCUMENT = 200

CELERY_BROKER_URL = env.str("BROKER_URL", default="") or addresses.broker_url()
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 25
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Workers write through our own formatter, which quotes nobody's data.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
# A broker that is down or silent delays a request by two seconds at most, and never blocks it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "socket_connect_timeout": 2,
    "socket_timeout": 2,
    "max_retries": 0,
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_TIMEZONE = TIME_ZONE

# A drill moves the clock of one process; production refuses it.
CLOCK_OFFSET_SECONDS = env.int("CLOCK_OFFSET_SECONDS", default=0)
# Where a drill makes a process die (core/crashpoints.py); production refuses it.
WARAQA_CRASH_AT = env.str("WARAQA_CRASH_AT", default="")

# The dated law; rooms below claims ask through this name.
LAW = "claims.selectors.law"
# A folder of law files in place of the one that comes with the code, for trying a law out.
LAW_DIR = env.str("LAW_DIR", default="")
# Whose sheet bears a number: sheets are above prescriptions, which ask through this name.
SHEET_OWNER = "claims.selectors.patient_id_of_sheet"
# When the bank, or the payee, has the ball of a claim: payments are above claims.
HANDOVERS = "payments.selectors.handovers_of"
# On which account a payee is paid: payments and the controls stand side by side.
BANK_ACCOUNTS = "payments.selectors.ribs_on"
# Who carries text messages to phones (insured/gateways): none until an operator is chosen.
TEXT_MESSAGES = env.str("TEXT_MESSAGES", default="insured.gateways.demo_messages.NoMessages")

# The warehouse of the fraud statistics: a file that can always be built again.
WAREHOUSE_DIR = env.str("WAREHOUSE_DIR", default=str(VAR_DIR / "warehouse"))
# Keys its pseudonyms; after a change the next run must be a whole one.
WAREHOUSE_KEY = env.str("WAREHOUSE_KEY", default=SECRET_KEY)

# Seals what this installation issues (core/seal.py): a P-256 private number, base64url.
SEAL_KEY = env.str("SEAL_KEY", default="")

# Open what offline devices sealed for the server (sync/gateways.py): P-256 private numbers, base64url,
# the one in use first, older ones until nothing sealed for them can come any more.
SEALING_KEYS = env.list("SEALING_KEYS", default=[])

# Over how many seconds browsers spread their first sending after an outage (static/js/offline/sending.js).
SEND_WINDOW_SECONDS = env.int("SEND_WINDOW_SECONDS", default=60)

# Formats whose official structure is not fully confirmed: settings, not constants.
INPE_PATTERN = env.str("INPE_PATTERN", default=r"^\d{9,10}$")

# The paying account of the fund: every installation has its own.
FUND_NAME = env.str("FUND_NAME", default="CNSS (démonstration)")
FUND_RIB = env.str("FUND_RIB", default="")
FUND_BIC = env.str("FUND_BIC", default="")
# Files of the fund's bank come signed: its public key as a JWK (P-256), in JSON.
BANK_PUBLIC_JWK = env.str("BANK_PUBLIC_JWK", default="")
BANK_ANSWERS_MAY_BE_UNSIGNED = env.bool("BANK_ANSWERS_MAY_BE_UNSIGNED", default=False)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "core.discretion.DiscreetFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}
