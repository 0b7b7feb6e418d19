"""Who works with no network, and when it is by the server's clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role, User
from insured.models import Person
from tests import world
from tests.sync.device import OfflineDevice


@pytest.fixture
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four hours after the world's instant, when the devices below have come back."""
    monkeypatch.setattr(timezone, "now", lambda: world.NOW + timedelta(hours=4))


@pytest.fixture
def doctor() -> OfflineDevice:
    return OfflineDevice(world.practice()).hear().wait(hours=1)


@pytest.fixture
def shop() -> OfflineDevice:
    return OfflineDevice(world.pharmacy()).hear().wait(hours=2)


@pytest.fixture
def other_shop() -> OfflineDevice:
    return OfflineDevice(world.pharmacy()).hear().wait(hours=3)


@pytest.fixture
def patient() -> Person:
    return world.person()


@pytest.fixture
def agent() -> User:
    return world.user(Role.AGENT)
