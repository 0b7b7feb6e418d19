"""WSGI entrance."""

import os

from django.core.wsgi import get_wsgi_application

_settings = "production" if os.environ.get("DEBUG") == "0" else "dev"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{_settings}")
application = get_wsgi_application()
