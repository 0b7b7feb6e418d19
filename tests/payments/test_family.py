"""The people covered, as the insured person's own page names them and their illnesses."""

import pytest
from django.utils import translation

from payments.presenters import following
from tests import world

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "label"), [("fr", "Diabète de type 2"), ("ar", "السكري من النوع الثاني")]
)
def test_an_illness_is_named_in_the_readers_language(language: str, label: str) -> None:
    patient = world.person()
    world.diabetes(patient)
    world.published_diabetes()

    with translation.override(language):
        (shown,) = following.covered([patient], world.TODAY, reader=patient.insured.user)

    assert shown["illnesses"] == [{"label": label, "rate_bp": 9000}]


def test_an_illness_never_published_in_arabic_keeps_its_french_name() -> None:
    patient = world.person()
    world.diabetes(patient)

    with translation.override("ar"):
        (shown,) = following.covered([patient], world.TODAY, reader=patient.insured.user)

    assert shown["illnesses"][0]["label"] == "Diabète de type 2"
