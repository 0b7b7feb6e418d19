"""The weeks before the demonstration: what the night finds in them; telling them twice adds nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from claims.models import Claim
from config.demo import past
from config.demo.journal import Journal
from config.demo.logins import make_logins
from fraud import services
from fraud.models import Case, HoldDecision, RuleVersion
from fraud.selectors.rules import impact_of
from fraud.services import _night
from tests import world

pytestmark = pytest.mark.django_db


def tell(now: Any) -> None:
    agent, officer = (User.objects.get(username=name) for name in ("agent", "controleuse"))
    past.tell(Journal.open(), agent=agent, officer=officer, now=now)


def test_the_night_finds_its_cases_in_the_weeks_before(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    settings.WAREHOUSE_DIR = tmp_path / "warehouse"
    call_command("load_reference")
    call_command("load_demo_people")
    now = timezone.now()
    make_logins(at=now)
    tell(now)
    before = world.rows_everywhere()
    tell(now + timedelta(minutes=1))
    assert world.rows_everywhere() == before
    assert HoldDecision.objects.filter(verdict="RELEASED").count() == 1
    assert Claim.objects.filter(state="HELD").count() == 2

    services.start_night(scope="FULL", by="system:clock", at=now)
    while services.advance_night(at=now):
        pass

    assert not _night.running_night()
    assert list(Case.objects.values_list("kind", flat=True)) == ["PROVIDER", "PROVIDER"]
    trial = RuleVersion.objects.get()
    assert impact_of(trial)["claims"] == len(past.AGAIN) - 1
