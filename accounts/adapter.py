"""What Waraqa changes of django-allauth: nobody registers alone, people are met in their language."""

from typing import Any, TypeVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User

Answer = TypeVar("Answer", bound=HttpResponse)


def in_the_language_of(user: User, response: Answer) -> Answer:
    """Return the answer with the cookie that turns the next pages to the person's own language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        user.language,
        max_age=settings.SESSION_COOKIE_AGE,
        samesite=settings.SESSION_COOKIE_SAMESITE,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: an office creates the account, the person activates it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        return in_the_language_of(user, super().post_login(request, user, **options))


class SecondFactorAdapter(DefaultMFAAdapter):
    """Office roles cannot remove their last second factor."""

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        if not authenticator.user.works_in_office:
            return True
        others = authenticator.user.authenticator_set.exclude(pk=authenticator.pk)
        return bool(others.exclude(type="recovery_codes").exists())
