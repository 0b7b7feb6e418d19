"""People of each role, signed in with their second factor."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import Role, User
from tests import world


def with_second_factor(person: User) -> User:
    """Give a person a time-based code, so that the back office lets them in."""
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return person


@pytest.fixture
def signed_in() -> Callable[[Role], Client]:
    def client_of(role: Role) -> Client:
        client = Client()
        client.force_login(
            with_second_factor(world.user(role)), backend="accounts.backends.AccountBackend"
        )
        return client

    return client_of
