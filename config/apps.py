"""The assembly of the site. Loading it makes our Celery application the one that tasks ring."""

from django.apps import AppConfig

from config.celery import app as celery_app

__all__ = ["ConfigConfig", "celery_app"]


class ConfigConfig(AppConfig):
    """Without the import above, a web process would look for a broker on localhost, for seconds a write."""

    name = "config"
    verbose_name = "Waraqa"
