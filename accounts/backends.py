"""Password sign-in; demonstration accounts are refused outside a demonstration."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest


class AccountBackend(AuthenticationBackend):
    """django-allauth's backend, which refuses demo logins when `DEBUG=0`."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        return None if user is not None and self._is_refused(user) else user

    def get_user(self, user_id: Any) -> Any:
        user = super().get_user(user_id)
        return None if user is not None and self._is_refused(user) else user

    def _is_refused(self, user: Any) -> bool:
        return bool(user.is_demo and not settings.DEMO_LOGINS)
