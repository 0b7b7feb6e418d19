"""A family whose files are at every step of the way, made through the product's own services."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Role, User
from claims.models import Claim
from fraud.services import refuse_hold, screen_claims
from insured.models import Insured, Person
from payments import selectors, services
from payments.gateways.demo_bank import demo_bank_answer
from payments.models import AccountChange, PaymentOrder
from payments.rules import Payee, PayeeKind
from tests import world

BEFORE = world.NOW - timedelta(days=2)
CARE_DATE = date(2026, 11, 17)
REFUSAL = "Les mêmes soins ont déjà été remboursés."


@dataclass(frozen=True)
class Family:
    """The holder's login, the household, one file of each kind, and the statement of the one paid."""

    user: User
    holder: Person
    child: Person
    paid: Claim
    third_party: Claim
    returned: Claim
    coming: Claim
    held: Claim
    refused: Claim
    statement: PaymentOrder
    change: AccountChange


def settle() -> Family:
    """Make the family; the officers who paid, and the one who refused, are other people."""
    world.act("C")
    holder = world.person(first_name="Zineb", last_name="Amellal", name_ar="زينب أملال")
    user = world.user(Role.INSURED, full_name="Zineb Amellal")
    Insured.objects.filter(pk=holder.insured_id).update(user=user)
    child = world.person(
        household=holder.insured,
        relation="CHILD",
        first_name="Yassine",
        last_name="Amellal",
        name_ar="ياسين أملال",
        birth_date=date(2016, 3, 9),
        sex="M",
    )
    world.diabetes(holder)
    doctor = world.practice(name="Dr Salma Benyahia", name_ar="د. سلمى بنيحيى")
    other = world.practice(name="Dr Karim Alaoui", name_ar="د. كريم العلوي")
    shop = world.pharmacy(name="Pharmacie de l’Oranger", name_ar="صيدلية البرتقال")
    paid = screened(care(doctor, holder, at=BEFORE), at=BEFORE)
    third_party = screened(dispensed(doctor, shop, holder), at=BEFORE)
    statement = transferred(paid, at=BEFORE)
    returned = screened(care(doctor, child), at=world.NOW)
    transferred(returned, at=world.NOW, comes_back=True)
    made = {
        "paid": paid,
        "third_party": third_party,
        "returned": returned,
        "coming": screened(care(other, holder)),
        # The same care of the same person on the same day, under another number, twice.
        "held": screened(care(doctor, holder)),
        "refused": refused(screened(care(other, holder))),
    }
    fresh = {name: Claim.objects.get(pk=claim.pk) for name, claim in made.items()}
    return Family(
        user=user,
        holder=holder,
        child=child,
        statement=statement,
        change=wanted_account(holder, user),
        **fresh,
    )


def wanted_account(holder: Person, user: User) -> AccountChange:
    """Another account, asked for and not yet confirmed: payments go on as before."""
    return services.request_change(
        payee=Payee(PayeeKind.INSURED, holder.insured_id),
        rib=world.rib(990_001),
        holder=user.full_name,
        by=user,
        at=world.NOW,
    )


def care(doctor: world.Practice, patient: Person, at: datetime = world.NOW) -> Claim:
    """A consultation above its tariff."""
    document = world.care_document(doctor, patient)
    document["lines"][0]["care_date"] = CARE_DATE.isoformat()
    return world.submit(doctor, document, at=at)


def dispensed(doctor: world.Practice, shop: world.Practice, patient: Person) -> Claim:
    """A medicine dispensed by third-party payment: the pharmacy is paid."""
    medicine = world.medicine(name="GLUCOPHAGE 850 MG", public=7500, base=6000)
    written = world.prescription_document(
        doctor, patient, [medicine], written_on=CARE_DATE.isoformat()
    )
    prescription = world.prescribe(doctor, written, at=BEFORE)
    lines = [(1, medicine, 1, "75.00")]
    document = world.dispensing_document(
        shop, prescription, lines, dispensed_on=CARE_DATE.isoformat()
    )
    return world.dispense(shop, document, at=BEFORE)


def screened(claim: Claim, at: datetime = world.NOW) -> Claim:
    """The claim after the detectors, posted when it may be paid."""
    screen_claims(subject_ids=[claim.pk], at=at)
    services.post_approved_claims(subject_ids=[claim.pk], at=at)
    return Claim.objects.get(pk=claim.pk)


def refused(claim: Claim) -> Claim:
    """A held claim that a fraud officer refuses."""
    officer = world.user(Role.FRAUD_OFFICER)
    refuse_hold(claim=claim, reason=REFUSAL, by=officer, at=world.NOW)
    return claim


def transferred(claim: Claim, *, at: datetime, comes_back: bool = False) -> PaymentOrder:
    """Pay everything payable; the bank executes it all, or returns the transfer of this claim."""
    preparer, approver = (world.user(Role.PAYMENT_OFFICER) for _ in range(2))
    batch = services.freeze_batch(by=preparer, at=at)
    services.approve_batch(batch=batch, by=approver, at=at)
    file = services.export_batch(batch=batch, by=approver, at=at)
    order: Any = selectors.orders_of_claims([claim.pk])[claim.pk]
    returned = [order.reference] if comes_back else []
    answer = demo_bank_answer(file, at=at, returned=returned)
    services.read_bank_answer(content=answer, by=preparer, at=at)
    return PaymentOrder.objects.get(pk=order.pk)
