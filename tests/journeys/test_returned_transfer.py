"""A transfer comes back days after it was paid: the officer reads it, the payee is told, it is repaired."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Role
from payments import services
from payments.gateways.demo_bank import (
    demo_bank_answer,
    demo_bank_notification,
    demo_bank_signature,
)
from payments.models import PaymentRepair
from tests import world
from tests.journeys.conftest import OpenPage
from tests.office.conftest import with_second_factor
from tests.payments import factories

pytestmark = pytest.mark.django_db(transaction=True)


class Paid:
    """A batch that was paid, and its bank's notice that one transfer came back."""

    def __init__(self, reason: str, words: str) -> None:
        self.member = world.user(Role.INSURED, full_name="Amina Alaoui")
        patient = world.person()
        patient.insured.user = self.member
        patient.insured.save()
        at = timezone.now() - timedelta(days=3)
        self.claim = factories.claim(patient=patient, reimbursed=14_000, at=at)
        factories.claim(reimbursed=2_000, at=at)
        self.officer = with_second_factor(factories.officer(full_name="Samira Fassi"))
        other = factories.officer()
        batch = services.freeze_batch(by=self.officer, at=at)
        services.approve_batch(batch=batch, by=other, at=at)
        file = services.export_batch(batch=batch, by=other, at=at)
        services.read_bank_answer(
            content=demo_bank_answer(file, at=at), by=other, at=at + timedelta(hours=5)
        )
        back = self.claim.orders.get().order.reference
        self.batch = batch
        self.notice = demo_bank_notification(
            file, at=timezone.now(), returned=[back], reason=reason, words=words
        )

    def files(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return (
            {"name": "avis.xml", "mimeType": "application/xml", "buffer": self.notice},
            {
                "name": "avis.xml.sig",
                "mimeType": "text/plain",
                "buffer": demo_bank_signature(self.notice).encode(),
            },
        )


def test_a_returned_transfer_is_read_told_and_repaired(
    open_page: OpenPage, language: str, no_serious_finding: Any, settings: Any
) -> None:
    paid = Paid("MS03", "")
    settings.BANK_ANSWERS_MAY_BE_UNSIGNED = False
    notice, signature = paid.files()
    office = open_page(paid.officer, language)
    office.goto(f"/admin/payments/paymentbatch/{paid.batch.pk}/change/")
    office.set_input_files("#answer", [notice])
    office.set_input_files("#signature", [signature])
    with translation.override(language):
        office.get_by_role("button", name=_("Lire le fichier"), exact=True).click()
        office.get_by_role("link", name=_("Réparer"), exact=True).click()
        repair = PaymentRepair.objects.get()
        office.wait_for_url(f"**/{repair.pk}/change/")
        assert _("la banque n’a pas dit pourquoi") in office.content()
        no_serious_finding(office)

        member = open_page(paid.member, language)
        member.goto("/assure/")
        told = _("Votre virement a été rejeté : %(why)s.") % {
            "why": _("la banque n’a pas dit pourquoi")
        }
        assert told in member.content()
        assert _("Vous n’avez rien à faire : la caisse refait le virement.") in member.content()

        office.fill("#reason", "panne confirmée par la banque")
        office.get_by_role("button", name=_("Refaire sur le même compte")).click()
        office.get_by_text("panne confirmée par la banque").wait_for()
    repair.refresh_from_db()
    assert repair.state == "RETRYING"
    office.goto(f"/admin/payments/paymentbatch/{paid.batch.pk}/change/")
    with translation.override(language):
        office.get_by_role("button", name=_("Rapprocher"), exact=True).click()
        office.get_by_text(_("Rapproché"), exact=True).wait_for()
    no_serious_finding(office)
    paid.batch.refresh_from_db()
    assert paid.batch.state == "RECONCILED"


def test_a_closed_account_sends_the_payee_to_the_account_page(
    open_page: OpenPage, language: str, no_serious_finding: Any
) -> None:
    paid = Paid("AC04", "Compte clos")
    services.read_bank_answer(content=paid.notice, by=paid.officer, at=timezone.now())
    member = open_page(paid.member, language)
    member.goto("/assure/")
    with translation.override(language):
        told = _("Votre virement a été rejeté : %(why)s.") % {"why": _("le compte est fermé")}
        assert told in member.content()
        no_serious_finding(member)
        member.get_by_role("link", name=_("Changer de compte")).first.click()
    member.wait_for_url("**/compte/**")
    assert member.get_by_role("heading", level=1).is_visible()
