"""What Waraqa changes of django-allauth: nobody registers alone, accounts are given by an office."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: an office creates the account, the person activates it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondFactorAdapter(DefaultMFAAdapter):
    """Office roles cannot remove their last second factor."""

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        if not authenticator.user.works_in_office:
            return True
        others = authenticator.user.authenticator_set.exclude(pk=authenticator.pk)
        return bool(others.exclude(type="recovery_codes").exists())
