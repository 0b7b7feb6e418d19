"""Accounts in the back office: who signs in, with which role; nobody gives themselves another one."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.admin.gestures import Gesture, GesturesAdmin, code_page
from accounts.admin.office import moment_column
from accounts.models import Role, User

ADMINISTRATION = frozenset({Role.ADMINISTRATOR})


@admin.register(User)
class UserAdmin(GesturesAdmin):
    """Users and their one role. Passwords are never set here: a person activates their own account."""

    view_roles = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
    change_roles = ADMINISTRATION
    list_display = ["username", "full_name", "role", "is_active", "seen"]
    list_filter = ["role", "is_active"]
    list_before_template = "admin/accounts/list_before.html"
    search_fields = ["username", "full_name"]
    ordering = ["username"]
    fieldsets = [
        (None, {"fields": ["username", "full_name", "language"]}),
        (_("Accès"), {"fields": ["role", "is_active", "seen", "is_demo"]}),
    ]
    readonly_fields = ["username", "seen", "is_demo"]
    seen = moment_column("last_login", _("dernière connexion"))
    gestures = (
        Gesture(
            name="code",
            title=_("Émettre un code d’activation"),
            sentence=_(
                "Pour un premier accès, ou un mot de passe perdu. Les codes d’avant ne servent plus ; "
                "le mot de passe actuel vaut jusqu’à ce que ce code serve."
            ),
            roles=ADMINISTRATION,
            deed="issue_code",
        ),
        Gesture(
            name="second-facteur",
            title=_("Retirer le second facteur"),
            sentence=_(
                "Quand la personne l’a perdu, et après avoir vérifié qui elle est : ses sessions sont "
                "fermées, et le motif est gardé au journal."
            ),
            roles=ADMINISTRATION,
            deed="remove_second_factor",
            needs_reason=True,
            is_grave=True,
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes their own account: a second administrator does."""
        return super().has_change_permission(request, obj) and obj != request.user

    def may_do(self, request: HttpRequest, gesture: Gesture, obj: Any) -> bool:
        return super().may_do(request, gesture, obj) and obj != request.user

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        may_open = self._is_one_of(request, ADMINISTRATION)
        return super().changelist_view(request, {"may_open": may_open, **(extra_context or {})})

    def issue_code(self, request: HttpRequest, user: User) -> HttpResponse:
        """A new code, on the page that shows it once."""
        code = services.issue_activation(user=user, by=request.user, at=timezone.now())
        return code_page(request, user=user, code=code)

    def remove_second_factor(self, request: HttpRequest, user: User) -> HttpResponse:
        """Nothing but the password opens the account until its owner sets a factor up again."""
        services.remove_second_factor(
            user=user,
            reason=request.POST.get("reason", ""),
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, gettext("Second facteur retiré ; les sessions sont fermées."))
        return redirect(self.page_of(user))
