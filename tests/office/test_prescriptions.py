"""What officers decide about prescriptions: suspensions, disputed hand-overs, alerts demoted by use."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from core.models import AuditEvent
from insured.services import show_card
from prescriptions import services
from prescriptions.models import Dispensing, Prescription, SafetyAlert, SafetyDemotion
from tests import world

pytestmark = pytest.mark.django_db

KEY = "INTERACTION:clarithromycine+simvastatine"


@pytest.fixture
def written() -> Prescription:
    doctor, today = world.practice(), timezone.localdate().isoformat()
    medicine = world.medicine(name="DOLIPRANE")
    document = world.prescription_document(doctor, world.person(), [medicine], written_on=today)
    return world.prescribe(doctor, document, at=timezone.now())


@pytest.fixture
def disputed(written) -> Dispensing:
    shop, today = world.pharmacy(), timezone.localdate().isoformat()
    medicine = written.items.get().medicine
    document = world.dispensing_document(
        shop, written, [(1, medicine, 1, "75.00")], dispensed_on=today
    )
    show_card(
        insured=written.insured,
        inpe=shop.provider.inpe,
        card=written.insured.registration_number,
        by=shop.user,
        at=timezone.now(),
    )
    world.dispense(shop, document, at=timezone.now())
    assert Dispensing.objects.get().presence.level == "CARD"
    written.insured.user = world.user(Role.INSURED)
    written.insured.save()
    return services.dispute_dispensing(
        dispensing_id=Dispensing.objects.get().pk, by=written.insured.user, at=timezone.now()
    )


@pytest.fixture
def demotion() -> SafetyDemotion:
    patient, doctor = world.person(), world.practice()
    for answer in ("OVERRIDDEN", "ACCEPTED"):
        services.answer_alerts(
            provider=doctor.provider,
            patient=patient,
            moment=SafetyAlert.Moment.PRESCRIBING,
            answers=[services.AlertAnswer(KEY, SafetyAlert.Answer(answer), "BENEFIT")],
            by=doctor.user,
            at=world.NOW,
        )
        patient = world.person()
    return SafetyDemotion.objects.create(
        key=KEY, kind="INTERACTION", since=world.NOW, answered=50, overridden=48, people=12
    )


def page(model: str, name: str, *args) -> str:
    return reverse(f"admin:prescriptions_{model}_{name}", args=args)


def test_an_officer_finds_a_prescription_by_its_whole_number_and_nothing_else(
    signed_in, written
) -> None:
    client, listed = signed_in(Role.FRAUD_OFFICER), page("prescription", "changelist")

    assert written.fse_number not in client.get(listed).content.decode()
    part = client.get(listed, {"q": written.fse_number[:6]}).content.decode()
    assert page("prescription", "change", written.pk) not in part
    assert page("prescription", "change", written.pk) in (
        client.get(listed, {"q": written.fse_number.lower()}).content.decode()
    )


def test_an_officer_suspends_another_office_cannot_lift_the_first_lifts(signed_in, written) -> None:
    fraud, doctor = signed_in(Role.FRAUD_OFFICER), signed_in(Role.MEDICAL_OFFICER)
    shown = fraud.get(page("prescription", "change", written.pk)).content.decode()
    assert "DOLIPRANE" in shown
    assert AuditEvent.objects.filter(action="prescriptions.prescription.read").count() == 1

    hold, lift = (
        page("prescription", "suspendre", written.pk),
        page("prescription", "lever", written.pk),
    )
    before = world.rows_everywhere()
    assert fraud.post(hold, {"reason": "  "}).status_code == 422
    assert world.rows_everywhere() == before
    assert fraud.post(hold, {"reason": "clé volée"}).status_code == 302

    written.refresh_from_db()
    assert (written.state, written.hold_office) == ("ON_HOLD", Role.FRAUD_OFFICER)
    held = doctor.get(page("prescription", "change", written.pk)).content.decode()
    assert "clé volée" in held
    assert lift not in held
    assert doctor.post(lift, {"reason": "vu"}).status_code == 403
    assert lift in fraud.get(page("prescription", "change", written.pk)).content.decode()
    assert fraud.post(lift, {"reason": "clé retrouvée"}).status_code == 302
    written.refresh_from_db()
    assert written.state == "ACTIVE"
    said = AuditEvent.objects.get(action="prescriptions.prescription.hold_lifted")
    assert said.after["reason"] == "clé retrouvée"


def test_a_suspension_may_end_against_the_prescription(signed_in, written) -> None:
    client = signed_in(Role.MEDICAL_OFFICER)
    client.post(page("prescription", "suspendre", written.pk), {"reason": "rappel de lot"})
    listed = client.get(page("prescription", "changelist")).content.decode()
    assert page("prescription", "change", written.pk) in listed

    answer = client.post(page("prescription", "annuler", written.pk), {"reason": "rappel confirmé"})

    written.refresh_from_db()
    assert (answer.status_code, written.state) == (302, "CANCELLED")


def test_an_auditor_reads_and_suspends_nothing(signed_in, written) -> None:
    client = signed_in(Role.AUDITOR)
    address = page("prescription", "suspendre", written.pk)
    assert address not in client.get(page("prescription", "change", written.pk)).content.decode()
    assert client.post(address, {"reason": "x"}).status_code == 403


def test_a_dispute_waits_on_the_desk_and_is_closed_with_the_evidence(signed_in, disputed) -> None:
    client = signed_in(Role.AGENT)
    assert "Remises contestées" in client.get(reverse("admin:index")).content.decode()
    listed = client.get(page("dispensing", "changelist")).content.decode()
    assert page("dispensing", "change", disputed.pk) in listed
    shown = client.get(page("dispensing", "change", disputed.pk)).content.decode()
    assert "DOLIPRANE" in shown
    assert "carte de l’assuré" in shown.lower()
    assert reverse("admin:payments_reversal_ask", args=[disputed.claim.pk]) in shown
    assert AuditEvent.objects.filter(action="prescriptions.dispensing.read").count() == 1

    address = page("dispensing", "confirmer", disputed.pk)
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "ticket signé, lot 42"}).status_code == 302

    disputed.refresh_from_db()
    assert disputed.state == "HANDED_OVER"
    done = client.get(page("dispensing", "change", disputed.pk)).content.decode()
    assert "ticket signé, lot 42" in done
    assert address not in done
    empty = client.get(page("dispensing", "changelist")).content.decode()
    assert page("dispensing", "change", disputed.pk) not in empty


def test_a_doctor_of_the_fund_reviews_an_alert_with_its_counts(signed_in, demotion) -> None:
    client = signed_in(Role.MEDICAL_OFFICER)
    assert "Alertes à revoir" in client.get(reverse("admin:index")).content.decode()
    listed = client.get(page("safetydemotion", "changelist"))
    (row,) = listed.context["cl"].result_list
    assert tuple(row.tally) == (2, 1, 1, 1)
    shown = client.get(page("safetydemotion", "change", demotion.pk)).content.decode()
    assert "clarithromycine + simvastatine" in shown
    assert "bénéfice supérieur au risque" in shown.lower()

    address = page("safetydemotion", "retablir", demotion.pk)
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "mortelle"}).status_code == 302

    demotion.refresh_from_db()
    assert (demotion.decision, demotion.reason) == ("RESTORED", "mortelle")
    assert client.post(address, {"reason": "encore"}).status_code == 409
    assert (
        AuditEvent.objects.get(action="prescriptions.demotion.decided").after["reason"]
        == "mortelle"
    )


def test_only_a_doctor_of_the_fund_reviews(signed_in, demotion) -> None:
    auditor, agent = signed_in(Role.AUDITOR), signed_in(Role.AGENT)
    assert auditor.get(page("safetydemotion", "change", demotion.pk)).status_code == 200
    assert agent.get(page("safetydemotion", "change", demotion.pk)).status_code == 403
    address = page("safetydemotion", "garder", demotion.pk)
    assert auditor.post(address, {"reason": "x"}).status_code == 403
    with pytest.raises(services.NotAReviewer):
        services.decide_demotion(
            demotion=demotion, keep=True, reason="x", by=world.user(Role.AGENT), at=world.NOW
        )
