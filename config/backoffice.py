"""Django's admin with our own site in place of its default."""

from django.contrib.admin.apps import AdminConfig


class OfficeAdminConfig(AdminConfig):
    """Admin application whose site is the back office of config/admin.py."""

    default_site = "config.admin.OfficeSite"
