"""A pharmacy corrects a dispensing that was accepted: boxes, claim and ledger move together."""

import pytest
from django.db import connection
from django.db.models import Case, F, Sum, When

from accounts.models import Role
from claims.models import Claim
from config.invariants.catalogue import I1, I2, I3, I10
from payments import selectors, services
from payments.models import LedgerEntry
from payments.services import CorrectionReason
from prescriptions.models import Prescription
from prescriptions.services import NotYourDispensing
from tests import world
from tests.journeys import family
from tests.payments import factories

pytestmark = pytest.mark.django_db
SIGNED = Case(When(side="CREDIT", then=F("amount_centimes")), default=-F("amount_centimes"))


@pytest.fixture
def shop(db) -> world.Practice:
    return world.pharmacy()


@pytest.fixture
def accepted(shop: world.Practice) -> Claim:
    claim = family.dispensed(world.practice(), shop, world.person())
    return family.screened(claim)


def payable(claim: Claim) -> int:
    """What the ledger says is owed for a claim, in centimes."""
    lines = LedgerEntry.objects.filter(claim_id=claim.pk, account__startswith="PAYABLE")
    return int(lines.aggregate(left=Sum(SIGNED, default=0))["left"])


def check_books() -> None:
    with connection.cursor() as cursor:
        for invariant in (I1, I2, I3, I10):
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.id
    assert selectors.ledger_sum() == 0


def reverse(claim: Claim, shop: world.Practice) -> services.Correction:
    return services.reverse_dispensing(
        claim_id=claim.pk,
        pharmacy=shop.provider,
        reason=CorrectionReason.GOODS_BACK,
        by=shop.user,
        at=world.NOW,
    )


def test_what_was_accepted_and_not_paid_is_owed_no_longer(accepted: Claim, shop) -> None:
    assert (accepted.state, payable(accepted)) == ("APPROVED", accepted.reimbursed_centimes)

    done, again = reverse(accepted, shop), reverse(accepted, shop)

    accepted.refresh_from_db()
    assert (done.outcome, again.outcome) == ("REVERSED", "REVERSED")
    assert (accepted.state, payable(accepted)) == ("REVERSED", 0)
    item = Prescription.objects.get().items.get()
    assert (item.boxes_dispensed, item.state) == (0, "TO_DISPENSE")
    check_books()


def test_what_was_amended_is_owed_once(accepted: Claim, shop) -> None:
    prescription = Prescription.objects.get()
    medicine = prescription.items.get().medicine
    document = world.second_dispensing(
        shop,
        prescription,
        [world.dispensed_line(1, medicine, 2, charged="150.00")],
        replaces=accepted.dispensing.document_hash,
        dispensed_on=family.CARE_DATE.isoformat(),
    )

    receipt = services.amend_dispensing(
        claim_id=accepted.pk,
        pharmacy=shop.provider,
        draft=world.dispensing_draft_of(document),
        signed=shop.sign(document),
        by=shop.user,
        at=world.NOW,
    )
    amended = family.screened(receipt.claim)

    accepted.refresh_from_db()
    assert (accepted.state, payable(accepted)) == ("REVERSED", 0)
    assert amended.charged_centimes == 15_000
    assert payable(amended) == (amended.reimbursed_centimes if amended.state == "APPROVED" else 0)
    assert Prescription.objects.get().items.get().boxes_dispensed == 2
    check_books()


def test_what_the_fund_asks_back_is_not_amended_away(accepted: Claim, shop) -> None:
    services.ask_reversal(
        claim_id=accepted.pk,
        grounds=services.Grounds("PROVEN_FRAUD", "jamais remis", "F261120-A1B2C3", "ab" * 32),
        by=world.user(Role.FRAUD_OFFICER),
        at=world.NOW,
    )
    prescription = Prescription.objects.get()
    document = world.second_dispensing(
        shop,
        prescription,
        [world.dispensed_line(1, prescription.items.get().medicine, 2, charged="150.00")],
        replaces=accepted.dispensing.document_hash,
        dispensed_on=family.CARE_DATE.isoformat(),
    )
    amendment = {"draft": world.dispensing_draft_of(document), "signed": shop.sign(document)}
    before = world.rows_everywhere()

    with pytest.raises(services.ReversalUnderWay):
        services.amend_dispensing(
            claim_id=accepted.pk,
            pharmacy=shop.provider,
            by=shop.user,
            at=world.NOW,
            **amendment,
        )

    assert world.rows_everywhere() == before


def test_what_is_in_payment_is_asked_back_and_stays_as_it_was(accepted: Claim, shop) -> None:
    services.freeze_batch(by=factories.officer(), at=world.NOW)
    before = payable(accepted)

    with pytest.raises(services.ClaimInPayment):
        reverse(accepted, shop)

    accepted.refresh_from_db()
    assert (accepted.state, payable(accepted)) == ("SCHEDULED", before)
    check_books()


def test_a_pharmacy_corrects_nobody_else_s(accepted: Claim) -> None:
    other = world.pharmacy()
    before = world.rows_everywhere()

    with pytest.raises(NotYourDispensing):
        reverse(accepted, other)

    assert world.rows_everywhere() == before
