"""Questions to a prescriber: who may ask, follow, answer, and what an answer changes."""

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import Role
from core.errors import DomainError
from prescriptions import services
from prescriptions.models import (
    PrescribedItem,
    PrescriptionRequest,
    RequestAnswer,
    RequestKind,
)
from prescriptions.selectors.requests import answers_since, requests_to_answer
from providers.models import Membership
from tests import world

pytestmark = pytest.mark.django_db


class Town:
    """A prescription of two lines, its doctor, two pharmacies and its insured."""

    def __init__(self) -> None:
        self.doctor, self.colleague = world.practice(), world.practice()
        self.shop, self.other = world.pharmacy(), world.pharmacy()
        self.patient = world.person()
        self.member = world.user(Role.INSURED)
        self.patient.insured.user = self.member
        self.patient.insured.save()
        boxes = [world.medicine(), world.medicine()]
        document = world.prescription_document(self.doctor, self.patient, boxes)
        document["lines"][0]["substitution"] = False
        self.prescription = world.prescribe(self.doctor, document)

    def asked(self, **more: Any) -> PrescriptionRequest:
        return services.ask_prescriber(
            **{
                "fse_number": self.prescription.fse_number,
                "kind": RequestKind.SUBSTITUTION,
                "position": 1,
                "body": "Rupture depuis lundi.",
                "pharmacy": self.shop.provider,
                "by": self.shop.user,
                "at": world.NOW,
                **more,
            }
        )


@pytest.fixture
def town() -> Town:
    return Town()


def refused(code: str, ask: Any, **more: Any) -> None:
    before = world.rows_everywhere()
    with pytest.raises(DomainError) as caught, transaction.atomic():
        ask(at=world.NOW, **more)
    assert caught.value.code == code
    assert caught.value.text("fr")
    assert world.rows_everywhere() == before


def answer(town: Town, request: Any, what: RequestAnswer, note: str = "", **more: Any) -> Any:
    who = {"by": town.doctor.user, **more}
    return services.answer_request(
        request_id=request.pk, answer=what, note=note, at=world.NOW, **who
    )


def test_a_yes_is_the_prior_agreement_to_replace_the_line(town: Town) -> None:
    request = town.asked()
    assert requests_to_answer(town.doctor.user, on=world.TODAY) == 1
    services.write_message(
        request_id=request.pk,
        body="Avez-vous une autre marque ?",
        by=town.doctor.user,
        at=world.NOW,
    )

    answer(town, request, RequestAnswer.YES, "Oui, la même DCI.")
    again = answer(town, request, RequestAnswer.YES)

    request.refresh_from_db()
    assert (request.state, request.answer, again.pk) == ("ANSWERED", "YES", request.pk)
    assert [each.body for each in request.messages.all()] == [
        "Rupture depuis lundi.",
        "Avez-vous une autre marque ?",
        "Oui, la même DCI.",
    ]
    allowed = PrescribedItem.objects.order_by("position").values_list("substitution_allowed")
    assert [each for (each,) in allowed] == [True, True]
    assert requests_to_answer(town.doctor.user, on=world.TODAY) == 0
    since = {"on": world.TODAY, "since": world.NOW}
    assert answers_since(town.shop.user, **since) == 1
    assert answers_since(town.other.user, **since) == 0


@pytest.mark.parametrize("what", [RequestAnswer.NO, RequestAnswer.CHANGED])
def test_another_answer_allows_nothing(town: Town, what: RequestAnswer) -> None:
    request = town.asked()

    answer(town, request, what)

    assert not PrescribedItem.objects.get(position=1).substitution_allowed
    refused(
        "REQUEST_CLOSED",
        services.answer_request,
        request_id=request.pk,
        answer=RequestAnswer.YES,
        note="",
        by=town.doctor.user,
    )


def test_the_same_question_waits_once(town: Town) -> None:
    town.asked()
    town.asked(position=2)
    town.asked(position=None, kind=RequestKind.RENEWAL)
    town.asked(pharmacy=town.other.provider, by=town.other.user)

    for position, kind in ((1, RequestKind.SUBSTITUTION), (None, RequestKind.RENEWAL)):
        with pytest.raises(services.RequestAlreadyOpen):
            town.asked(position=position, kind=kind)
    assert PrescriptionRequest.objects.count() == 4


def test_the_insured_asks_for_renewal_and_takes_it_back(town: Town) -> None:
    number = town.prescription.fse_number

    request = services.ask_renewal(fse_number=number, body="", by=town.member, at=world.NOW)
    services.withdraw_request(request_id=request.pk, by=town.member, at=world.NOW)
    again = services.withdraw_request(request_id=request.pk, by=town.member, at=world.NOW)

    assert again.state == "WITHDRAWN"
    stranger = world.user(Role.INSURED)
    refused("PRESCRIPTION_NOT_FOUND", services.ask_renewal, fse_number=number, body="", by=stranger)


def test_who_is_not_concerned_finds_nothing(town: Town) -> None:
    request = town.asked()
    strangers = (town.colleague.user, town.other.user, world.user(Role.INSURED))

    for by in strangers:
        refused("REQUEST_NOT_FOUND", services.write_message, request_id=request.pk, body="x", by=by)
        asked = {"request_id": request.pk, "answer": RequestAnswer.YES, "note": "", "by": by}
        refused("REQUEST_NOT_FOUND", services.answer_request, **asked)
        refused("REQUEST_NOT_FOUND", services.withdraw_request, request_id=request.pk, by=by)
    refused(
        "REQUEST_NOT_FOUND", services.withdraw_request, request_id=request.pk, by=town.doctor.user
    )
    delegate = world.user(Role.DELEGATE)
    Membership.objects.create(
        user=delegate, provider=town.doctor.provider, standing="DELEGATE", period=world.ALWAYS
    )
    for by in (delegate, town.shop.user):
        asked = {"request_id": request.pk, "answer": RequestAnswer.YES, "note": "", "by": by}
        refused("NOT_THE_REQUESTED", services.answer_request, **asked)


def test_what_is_not_there_is_not_asked_about(town: Town) -> None:
    with pytest.raises(services.LineUnknown):
        town.asked(position=3)
    with pytest.raises(services.PrescriptionNotFound):
        town.asked(fse_number=world.practice().mint())
    assert not PrescriptionRequest.objects.exists()


def test_a_thread_is_never_rewritten(town: Town) -> None:
    town.asked()

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM prescriptions_requestmessage")
