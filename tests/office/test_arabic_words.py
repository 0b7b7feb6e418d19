"""A file read in Arabic: acts, people and controls are named in Arabic where their names are known."""

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import Role
from claims.models import Act
from insured.models import Person
from providers.models import Provider
from tests import world
from tests.fraud.filing import care_claim, screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim():
    filed = screened(care_claim())
    Act.objects.update(label_ar="استشارة طبية")
    Person.objects.update(name_ar="فاطمة العمراني")
    Provider.objects.update(name_ar="د. هاجر الشرايبي")
    return filed


@pytest.mark.parametrize("page", ["changelist", "change"])
def test_people_and_providers_are_named_in_arabic(signed_in, claim, page):
    client = signed_in(Role.AGENT)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"

    shown = client.get(
        reverse(f"admin:claims_claim_{page}", args=[claim.pk] if page == "change" else [])
    ).content.decode()

    assert "فاطمة العمراني" in shown
    assert "د. هاجر الشرايبي" in shown
    assert str(claim.patient) not in shown


def test_an_act_is_named_in_arabic(signed_in, claim):
    client = signed_in(Role.AGENT)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"
    address = reverse("admin:claims_claim_change", args=[claim.pk])

    assert "استشارة طبية" in client.get(address).content.decode()


def test_a_household_is_called_by_the_arabic_name_of_its_holder(signed_in):
    holder = world.person(name_ar="فاطمة العمراني")
    client = signed_in(Role.AGENT)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"

    shown = client.get(reverse("admin:insured_insured_changelist")).content.decode()

    assert "فاطمة العمراني" in shown
    assert holder.full_name not in shown


@pytest.mark.parametrize("page", ["longtermillness", "illness"])
def test_an_illness_is_called_as_the_published_list_calls_it(signed_in, page):
    world.diabetes(world.person())
    world.published_diabetes()
    client = signed_in(Role.MEDICAL_OFFICER)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ar"

    shown = client.get(reverse(f"admin:insured_{page}_changelist")).content.decode()

    assert "السكري من النوع الثاني" in shown
    assert "Diabète de type 2" not in shown


def test_the_two_days_of_a_period_have_names(signed_in):
    client = signed_in(Role.MEDICAL_OFFICER)

    shown = client.get(reverse("admin:insured_longtermillness_add")).content.decode()

    assert shown.count('aria-label="premier jour"') == 1
    assert shown.count('aria-label="lendemain du dernier jour"') == 1


def test_a_register_page_calls_no_row_by_its_key(signed_in):
    doctor = world.practice()
    client = signed_in(Role.AGENT)
    address = reverse("admin:providers_provider_change", args=[doctor.provider.pk])

    assert " object (" not in client.get(address).content.decode()
