"""Rights, medicines, acts and estimates: what is read before anything is written."""

import pytest

from claims.models import Claim
from core.models import AuditEvent
from tests import world
from tests.api.conftest import Api, assert_problem, codes

pytestmark = pytest.mark.django_db
TODAY = world.TODAY.isoformat()


def test_rights_by_cin_give_the_household_and_illnesses(as_doctor, doctor):
    holder = world.person()
    child = world.person(
        household=holder.insured, relation="CHILD", birth_date=world.TODAY.replace(year=2000)
    )
    world.diabetes(holder)

    answer = as_doctor.post("rights-checks", {"cin": holder.cin, "day": TODAY}, key=None).json()

    first, second = answer["persons"]
    assert first["id"] == str(holder.pk)
    assert first["rights"]["open"] is True
    assert first["rights"]["scheme"]["code"] == "SALARIED"
    assert (first["rights"]["since"], first["rights"]["until"]) == ("2020-01-01", None)
    assert first["illnesses"] == [
        {
            "code": "E11",
            "label": {"fr": "Diabète de type 2", "ar": "Diabète de type 2"},
            "category": "ALD",
            "rate": "0.90",
            "since": "2020-01-01",
            "until": None,
        }
    ]
    assert second["id"] == str(child.pk)
    assert (second["rights"]["open"], second["rights"]["reason_code"]) == (
        False,
        "DEPENDANT_TOO_OLD",
    )
    assert second["rights"]["reason"]["ar"]
    assert AuditEvent.objects.filter(
        action="insured.rights.read", insured_id=holder.insured_id
    ).exists()


def test_an_illness_is_called_in_arabic_as_the_published_list_calls_it(as_doctor, doctor):
    holder = world.person()
    world.diabetes(holder)
    world.published_diabetes()

    answer = as_doctor.post("rights-checks", {"cin": holder.cin, "day": TODAY}, key=None).json()

    (illness,) = answer["persons"][0]["illnesses"]
    assert illness["label"] == {"fr": "Diabète de type 2", "ar": "السكري من النوع الثاني"}


def test_rights_of_nobody_are_an_empty_list(as_doctor):
    answer = as_doctor.post("rights-checks", {"registration_number": "999999999", "day": TODAY})

    assert answer.json() == {"day": TODAY, "persons": []}


@pytest.mark.parametrize(
    ("question", "error"),
    [
        ({"cin": "123", "day": TODAY}, ("/cin", "CIN_FORMAT")),
        (
            {"registration_number": "12", "day": TODAY},
            ("/registration_number", "REGISTRATION_NUMBER_FORMAT"),
        ),
        ({"day": TODAY}, ("", "ONE_OF_THREE")),
        ({"cin": "AB1", "registration_number": "123456789", "day": TODAY}, ("", "ONE_OF_THREE")),
        ({"cin": "AB1"}, ("/day", "REQUIRED")),
    ],
)
def test_questions_about_rights_that_mean_nothing(
    as_doctor, doctor, question, error, nothing_changes
):
    with nothing_changes():
        response = as_doctor.post("rights-checks", question)

    assert codes(response) == [error]


def test_rights_checks_are_counted_per_caller(as_doctor, as_pharmacist, monkeypatch):
    from core.api.actions import CallerThrottle

    monkeypatch.setattr(CallerThrottle, "THROTTLE_RATES", {"rights-checks": "2/min"})
    question = {"registration_number": "999999999", "day": TODAY}

    answers = [as_doctor.post("rights-checks", question) for _each in range(3)]
    other = as_pharmacist.post("rights-checks", question)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert_problem(answers[2], 429, "TOO_MANY_REQUESTS")
    assert int(answers[2]["Retry-After"]) > 0
    assert other.status_code == 200


def test_medicines_are_found_with_their_price_of_a_day(as_doctor):
    found = world.medicine(name="DOLIPRANE", public=1500, base=1400)

    by_name = as_doctor.get("medicines", q="dolipr").json()["results"]
    by_ean = as_doctor.get(f"medicines/{found.ean}", day="2026-01-01").json()
    before = as_doctor.get(f"medicines/{found.ean}", day="2019-01-01").json()

    assert [each["ean"] for each in by_name] == [found.ean]
    assert by_ean["price"] == {
        "public": "15.00",
        "base": "14.00",
        "rate": "0.70",
        "day": "2026-01-01",
    }
    assert before["price"] is None


def test_a_medicine_without_public_price_says_null(as_doctor):
    found = world.medicine(public=None)

    assert as_doctor.get(f"medicines/{found.ean}").json()["price"]["public"] is None


def test_an_unknown_medicine_and_wrong_queries(as_doctor, doctor):
    assert_problem(as_doctor.get("medicines/0000000000000"), 404, "MEDICINE_NOT_FOUND")
    assert codes(as_doctor.get("medicines")) == [("/q", "REQUIRED")]
    assert codes(as_doctor.get("medicines", q="a")) == [("/q", "TOO_SHORT")]
    assert codes(as_doctor.get("acts", q="cons", jour="x")) == [("/jour", "UNKNOWN_KEY")]


def test_an_act_is_found_by_a_code_of_one_letter(as_doctor):
    world.act("C")
    world.act("CS", "CS")

    assert as_doctor.get("acts", q="c").json()["results"][0]["code"] == "C"


def test_acts_carry_the_tariff_of_the_callers_sector(as_doctor, doctor):
    in_public = Api(user=world.practice(sector="PUBLIC").user)
    world.act("K15", "K", 1500)

    private = as_doctor.get("acts", q="acte").json()["results"]
    public = in_public.get("acts", q="acte").json()["results"]

    assert {(each["code"], each["tariff"], each["coefficient"]) for each in private} == {
        ("C", "80.00", "1"),
        ("K15", "337.50", "15"),
    }
    assert {each["tariff"] for each in public} == {"50.00", "195.00"}


def test_an_estimate_is_the_decision_and_saves_nothing(as_doctor, doctor, patient, nothing_changes):
    document = world.care_document(doctor, patient)
    del document["device"], document["fse_number"]

    with nothing_changes():
        answer = as_doctor.post("estimates", {"document": document}, key=None)

    assert answer.status_code == 200
    assert answer.json()["total_reimbursed"] == "56.00"
    assert answer.json()["lines"][0]["label"]["fr"] == "Acte C"
    assert not Claim.objects.exists()


def test_an_estimate_of_a_dispensing(as_pharmacist, shop, prescription, box, nothing_changes):
    document = world.dispensing_document(shop, prescription, [(1, box, 1, "75.00")])

    with nothing_changes():
        answer = as_pharmacist.post("estimates", {"document": document})

    assert answer.json()["total_reimbursed"] == "42.00"


def test_an_estimate_for_another_provider_is_refused(as_doctor, doctor, shop, patient):
    document = world.care_document(doctor, patient, provider=shop.provider.inpe)

    assert_problem(as_doctor.post("estimates", {"document": document}), 403, "PROVIDER_MISMATCH")
