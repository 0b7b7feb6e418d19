"""The page of runs: who opens it and conducts, how far it is told, why a claim was set aside."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import OFFICE_ROLES, Role
from claims import selectors, services
from claims.models import Claim, Decision, Run, WaitingClaim
from claims.permissions import RUN_ROLES, WATCH_ROLES
from claims.presenters.runs import lasting
from claims.services import QUARANTINED
from core.models import OutboxMessage
from core.tasks import relay
from tests import world
from tests.claims.test_runs import filed

pytestmark = pytest.mark.django_db
SignIn = Callable[[Role], Client]

BY = "system:test"
PAGE = reverse("admin:runs")
VISIT = [("C", 1, 8000, 1)]


@pytest.fixture
def queued() -> list[Claim]:
    world.act("C")
    doctor = world.practice()
    return [filed(doctor, world.person(), VISIT, order, queued=True) for order in range(3)]


def deed(name: str, run: Run) -> str:
    return reverse(f"admin:runs_{name}", args=[run.pk])


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_an_empty_queue_says_so_and_starts_nothing(signed_in: SignIn) -> None:
    client = signed_in(Role.AGENT)

    page = text_of(client.get(PAGE))
    refused = client.post(reverse("admin:runs_start"))

    assert "Tout ce qui a été reçu est jugé." in page
    assert "Lancer la liquidation" not in page
    assert refused.status_code == 409
    assert "Aucun dossier n’attend d’être liquidé." in text_of(refused)
    assert not Run.objects.exists()


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_who_watches_and_who_conducts(signed_in: SignIn, role: Role, queued: list[Claim]) -> None:
    client, before = signed_in(role), world.rows_everywhere()

    shown = client.get(PAGE)
    started = client.post(reverse("admin:runs_start"))

    assert (shown.status_code == 200) == (role in WATCH_ROLES)
    assert ("Lancer la liquidation" in text_of(shown)) == (role in RUN_ROLES)
    if role in RUN_ROLES:
        assert (started.status_code, started.url) == (302, PAGE)
        assert Run.objects.get().total == len(queued)
    else:
        assert started.status_code == 403
        assert world.rows_everywhere() == before


def test_a_run_is_paused_resumed_and_stopped_from_the_page(
    signed_in: SignIn, queued: list[Claim]
) -> None:
    client = signed_in(Role.PAYMENT_OFFICER)
    run = services.start_run(by=BY, at=world.NOW)

    states = []
    for name in ("suspendre", "reprendre", "arreter"):
        assert client.post(deed(name, run)).status_code == 302
        states.append(Run.objects.get().state)

    assert states == ["PAUSED", "RUNNING", "CANCELLED"]
    assert WaitingClaim.objects.filter(run=None, state="SUBMITTED").count() == len(queued)


def test_a_run_that_ended_meanwhile_is_not_resumed_and_the_page_says_why(
    signed_in: SignIn, queued: list[Claim]
) -> None:
    run = services.start_run(by=BY, at=world.NOW)
    services.cancel_run(run=run, by=BY, at=world.NOW)
    client, before = signed_in(Role.AGENT), world.rows_everywhere()

    answer = client.post(deed("reprendre", run))

    assert answer.status_code == 409
    assert "l’état actuel est « arrêtée »" in text_of(answer)
    assert world.rows_everywhere() == before


def test_progress_is_asked_again_until_the_run_ends(signed_in: SignIn, queued: list[Claim]) -> None:
    client, progress = signed_in(Role.AUDITOR), reverse("admin:runs_progress")
    services.start_run(by=BY, at=world.NOW)

    before = client.get(progress)
    relay()
    after = client.get(progress)
    services.close_runs(at=world.NOW + timedelta(seconds=90))
    ended = client.get(progress)

    assert 'hx-trigger="every 2s"' in text_of(before)
    assert "<b>0 sur 3</b>" in text_of(before)
    assert "<b>3 sur 3</b>" in text_of(after)
    assert "HX-Refresh" not in after
    assert ended["HX-Refresh"] == "true"
    page = text_of(client.get(PAGE))
    assert "1 min 30 s" in page
    assert "3 / 3" in page


def test_a_stopped_run_keeps_what_it_judged_in_its_count(queued: list[Claim]) -> None:
    run = services.start_run(by=BY, at=world.NOW)
    services.adjudicate_queued(subject_ids=[queued[0].pk], at=world.NOW)

    services.cancel_run(run=run, by=BY, at=world.NOW)

    assert Run.objects.get().judged == 1


ERRORS = {
    "LookupError: line 2: no price on 2026-11-20": "Ligne 2 : le médicament n’avait pas de prix le "
    "20/11/2026.",
    "claims.adjudication.law.NoLawInForce: no value of rates.standard_act is in force on 2026-11-20": (
        "La loi ne donne aucune valeur à « rates.standard_act » le 20/11/2026."
    ),
    QUARANTINED: "Le traitement de ce dossier s’est interrompu trois fois.",
    "KeyError: 'x'": "Le moteur n’a pas su lire ce dossier.",
}


@pytest.mark.parametrize("error", ERRORS)
def test_a_claim_set_aside_is_shown_with_its_reason_and_the_way_to_its_file(
    signed_in: SignIn, queued: list[Claim], error: str
) -> None:
    claim = queued[1]
    WaitingClaim.objects.filter(claim=claim).update(error=error)
    client, file = signed_in(Role.AGENT), reverse("admin:claims_claim_change", args=[claim.pk])

    page = text_of(client.get(PAGE))

    assert ERRORS[error] in page
    assert claim.sheet.fse_number in page
    assert queued[0].sheet.fse_number not in page
    assert file in page
    assert client.get(file).status_code == 200
    assert file not in text_of(signed_in(Role.PAYMENT_OFFICER).get(PAGE))


def test_what_kills_workers_is_set_aside_and_the_next_run_tries_it_again(
    queued: list[Claim],
) -> None:
    services.start_run(by=BY, at=world.NOW)
    OutboxMessage.objects.filter(kind="claims.claim.queued").update(
        subject_ids=[queued[0].pk], quarantined_at=world.NOW
    )
    services.adjudicate_queued(subject_ids=[each.pk for each in queued[1:]], at=world.NOW)

    assert services.close_runs(at=world.NOW) == 1

    assert [row.claim_id for row in selectors.set_aside_claims()] == [queued[0].pk]
    again = services.start_run(by=BY, at=world.NOW + timedelta(minutes=1))
    assert selectors.run_progress(again).left == 1
    services.adjudicate_queued(subject_ids=[queued[0].pk], at=world.NOW)
    assert Decision.objects.count() == len(queued)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (8, "8 s"), (185, "3 min 5 s"), (4320, "1 h 12 min")],
)
def test_durations_are_read_in_two_units(seconds: int, text: str) -> None:
    assert lasting(seconds) == text
