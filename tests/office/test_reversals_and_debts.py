"""Reversals, debts and the calendar through their pages."""

from datetime import timedelta
from hashlib import sha256

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from payments import services
from payments.models import PaymentBatch, PaymentDay, Reversal, UndueAmount
from providers.models import Membership
from tests import world
from tests.payments import factories
from tests.payments.test_reversals import GROUNDS, pay

pytestmark = pytest.mark.django_db


def asked_form(**changes):
    return {
        "reason": "BILLED_TWICE",
        "explanation": "Consultation déjà payée.",
        "evidence_reference": "PV-2026-118",
        "evidence": SimpleUploadedFile("pv.pdf", b"%PDF proces-verbal"),
        **changes,
    }


def an_undue() -> UndueAmount:
    """A debt of a pharmacy, as of the clock's own day."""
    now = timezone.now()
    claim = factories.claim(reimbursed=10_000, third_party_payment=True, at=now)
    pay(at=now)
    asked = services.ask_reversal(
        claim_id=claim.pk, grounds=GROUNDS, by=world.user(Role.AGENT), at=now
    )
    services.confirm_reversal(reversal_id=asked.pk, by=world.user(Role.AGENT), at=now)
    return UndueAmount.objects.get()


def test_one_agent_asks_and_another_confirms(signed_in) -> None:
    claim = factories.claim(at=timezone.now())
    first, second = signed_in(Role.AGENT), signed_in(Role.MEDICAL_OFFICER)
    address = reverse("admin:payments_reversal_ask", args=[claim.pk])
    assert "Demander l’extourne" in first.get(address).content.decode()

    assert first.post(address, asked_form()).status_code == 302

    reversal = Reversal.objects.get()
    assert reversal.evidence_sha256 == sha256(b"%PDF proces-verbal").hexdigest()
    confirm = reverse("admin:payments_reversal_confirmer", args=[reversal.pk])
    refused = first.post(confirm)
    assert refused.status_code == 403
    assert "une autre personne doit la décider" in refused.content.decode()
    assert second.post(confirm).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "REVERSED"
    page = second.get(reverse("admin:payments_reversal_change", args=[reversal.pk]))
    assert page.content.decode().count("Avis donné") == 2
    again = second.post(address, asked_form())
    assert again.status_code == 409
    assert "Une extourne ne s’extourne pas" in again.content.decode()


@pytest.mark.parametrize(
    "missing", [{"evidence": ""}, {"reason": ""}, {"explanation": " "}, {"evidence_reference": ""}]
)
def test_an_incomplete_request_is_refused_beside_what_was_written(missing, signed_in) -> None:
    claim = factories.claim()
    answer = signed_in(Role.AGENT).post(
        reverse("admin:payments_reversal_ask", args=[claim.pk]), asked_form(**missing)
    )
    assert answer.status_code == 422
    assert not Reversal.objects.exists()


def test_a_request_is_refused_with_a_reason(signed_in) -> None:
    asked = services.ask_reversal(
        claim_id=factories.claim().pk, grounds=GROUNDS, by=world.user(Role.AGENT), at=factories.NOW
    )
    second = signed_in(Role.AGENT)
    address = reverse("admin:payments_reversal_refuser", args=[asked.pk])
    assert second.post(address).status_code == 422
    assert second.post(address, {"reason": "pièce illisible"}).status_code == 302
    asked.refresh_from_db()
    assert asked.state == "REFUSED"


def deed(undue: UndueAmount, name: str) -> str:
    return reverse(f"admin:payments_undueamount_{name}", args=[undue.pk])


def test_a_debt_is_planned_contested_resumed_and_given_up(signed_in) -> None:
    undue = an_undue()
    first, second = signed_in(Role.PAYMENT_OFFICER), signed_in(Role.PAYMENT_OFFICER)
    terms = {"share": "12,5", "first_date": timezone.localdate().isoformat(), "agreement": "L 12"}

    assert first.post(deed(undue, "plan"), terms).status_code == 302
    assert undue.plan.share_bp == 1_250
    assert "12,5" in first.get(deed(undue, "change")).content.decode()
    wrong = first.post(deed(undue, "plan"), {**terms, "share": "beaucoup"})
    assert wrong.status_code == 422
    assert "Ce plan n’est pas complet" in wrong.content.decode()
    assert first.post(deed(undue, "contester"), {"reason": "déjà rendu"}).status_code == 302
    undue.plan.refresh_from_db()
    assert undue.plan.is_contested
    assert first.post(deed(undue, "reprendre"), {"reason": "vérifié"}).status_code == 302
    assert first.post(deed(undue, "abandonner"), {"reason": "décès"}).status_code == 302
    assert first.post(deed(undue, "abandon-confirme")).status_code == 403
    assert second.post(deed(undue, "abandon-confirme")).status_code == 302
    undue.refresh_from_db()
    assert undue.state == "CANCELLED"


def test_an_auditor_reads_a_debt_and_changes_nothing(signed_in) -> None:
    undue = an_undue()
    auditor = signed_in(Role.AUDITOR)

    assert auditor.get(deed(undue, "change")).status_code == 200
    assert auditor.post(deed(undue, "contester"), {"reason": "x"}).status_code == 403


def test_the_year_shows_days_and_holidays_and_a_day_is_frozen_from_it(signed_in) -> None:
    now = timezone.now()
    factories.claim(at=now)
    factories.claim(at=now, third_party_payment=True)
    day = PaymentDay.objects.create(day=timezone.localdate(), payees="INSURED", cut_off=now)
    officer = signed_in(Role.PAYMENT_OFFICER)

    page = officer.get(reverse("admin:payments_paymentday_changelist"), {"annee": "2026"})
    assert "Fête du Trône" in page.content.decode()
    assert "à confirmer" in page.content.decode()
    address = f"{reverse('admin:payments_paymentbatch_freeze')}?jour={day.pk}"
    assert officer.get(address).context["count"] == 1
    assert officer.post(address).status_code == 302
    assert PaymentBatch.objects.get().payment_day == day
    assert officer.get(f"{address}x").status_code == 404


def test_a_day_is_changed_with_its_history_until_it_has_a_batch(signed_in) -> None:
    now = timezone.now()
    day = PaymentDay.objects.create(
        day=timezone.localdate() + timedelta(days=2), payees="BOTH", cut_off=now
    )
    officer = signed_in(Role.PAYMENT_OFFICER)
    address = reverse("admin:payments_paymentday_change", args=[day.pk])
    local = timezone.localtime(now)
    form = {
        "day": day.day.isoformat(),
        "payees": "BOTH",
        "cut_off_0": f"{local:%Y-%m-%d}",
        "cut_off_1": f"{local:%H:%M:%S}",
        "is_open": "on",
        "note": "Avancé",
    }

    assert officer.post(address, form).status_code == 302

    day.refresh_from_db()
    assert (day.note, day.history.count()) == ("Avancé", 2)
    factories.claim(at=now)
    services.freeze_batch(by=factories.officer(), at=now, payment_day=day)
    refused = officer.post(address, {**form, "note": "Reculé"})
    assert refused.status_code == 200
    assert "annulez-le avant de changer sa date" in refused.content.decode()


def portal(user) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.AccountBackend")
    return client


def test_a_provider_sees_the_notice_and_the_plan_and_contests() -> None:
    undue = an_undue()
    services.agree_plan(
        undue_id=undue.pk,
        share_bp=2_500,
        first_date=timezone.localdate(),
        agreement="Lettre 12",
        by=factories.officer(),
        at=timezone.now(),
    )
    signatory = Membership.objects.get(provider=undue.provider).user
    client = portal(signatory)

    page = client.get(reverse("debts:list")).content.decode()
    assert "Consultation déjà payée." in page
    assert "25" in page
    assert "Contester" in page
    stranger = portal(world.pharmacy().user)
    address = reverse("debts:contest", args=[undue.pk])
    assert stranger.post(address, {"reason": "x"}).status_code == 404
    assert client.post(address, {"reason": "déjà rendu"}).status_code == 302
    assert "rien n’est retenu" in client.get(reverse("debts:list")).content.decode()


def test_an_insured_person_sees_the_debt_at_home_and_on_the_file() -> None:
    now = timezone.now()
    patient = world.person()
    patient.insured.user = world.user(Role.INSURED)
    patient.insured.save()
    claim = factories.claim(patient=patient, reimbursed=14_000, at=now)
    pay(at=now)
    asked = services.ask_reversal(
        claim_id=claim.pk, grounds=GROUNDS, by=world.user(Role.AGENT), at=now
    )
    services.confirm_reversal(reversal_id=asked.pk, by=world.user(Role.AGENT), at=now)
    PaymentDay.objects.create(
        day=timezone.localdate() + timedelta(days=3), payees="BOTH", cut_off=now
    )
    client = portal(patient.insured.user)

    home = client.get(reverse("member:home")).content.decode()
    assert "une somme est à rendre" in home
    assert "dans 3 jours" in home
    file = client.get(reverse("member:claim", args=[claim.pk])).content.decode()
    assert "Remboursement annulé" in file
    assert "Consultation déjà payée." in file
    debts = client.get(reverse("debts:list")).content.decode()
    assert "140,00" in debts
    assert "Aucun plan pour l’instant" in debts
