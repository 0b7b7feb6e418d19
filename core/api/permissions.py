"""Roles at the door of each action; what a person may do for whom is the services' to say."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.api.problems import NotPermitted


def open_to(roles: Iterable[str], *, delegates_prepare: Iterable[str] = ()) -> type[BasePermission]:
    """Return the permission of an action open to `roles` only.

    Roles of `delegates_prepare` are refused too, and told that what they prepared is to be signed.
    """
    allowed, preparing = frozenset(roles), frozenset(delegates_prepare)

    class RoleOpens(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            user: Any = request.user
            if not user.is_authenticated:
                return False
            if user.role in preparing:
                raise NotPermitted(
                    "ONLY_SIGNATORY_SIGNS",
                    _("Un délégué prépare, le titulaire signe. Le document est gardé, non envoyé."),
                )
            if user.role not in allowed:
                raise NotPermitted(
                    "ROLE_REFUSED", _("Cette opération n’est pas ouverte à ce rôle.")
                )
            return True

    return RoleOpens
