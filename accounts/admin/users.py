"""Accounts in the back office: who signs in, with which role; nobody gives themselves another one."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.office import OfficeAdmin, moment_column
from accounts.models import Role, User


@admin.register(User)
class UserAdmin(OfficeAdmin):
    """Users and their one role. Passwords are never set here: a person activates their own account."""

    view_roles = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
    change_roles = frozenset({Role.ADMINISTRATOR})
    list_display = ["username", "full_name", "role", "is_active", "seen"]
    list_filter = ["role", "is_active"]
    search_fields = ["username", "full_name"]
    ordering = ["username"]
    fieldsets = [
        (None, {"fields": ["username", "full_name", "language"]}),
        (_("Accès"), {"fields": ["role", "is_active", "seen", "is_demo"]}),
    ]
    readonly_fields = ["username", "seen", "is_demo"]
    seen = moment_column("last_login", _("dernière connexion"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes their own account: a second administrator does."""
        return super().has_change_permission(request, obj) and obj != request.user
