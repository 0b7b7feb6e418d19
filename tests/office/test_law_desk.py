"""The law desk's pages: who opens them, what they show, and each deed with its refusal."""

import io
import zipfile
from collections.abc import Callable

import pandas as pd
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import OFFICE_ROLES, Role
from claims import services
from claims.adjudication.families import FAMILIES
from claims.models import ShadowLaw
from claims.permissions import LAW_READERS, LAW_ROLES
from claims.presenters.law import FAMILIES as TITLES
from claims.services import draft_law
from tests import world
from tests.claims.candidates import RATE, SINCE, STANDARD_ACT, a_law, measure
from tests.fraud.filing import care_claim

pytestmark = pytest.mark.django_db
SignIn = Callable[[Role], Client]


def address(name: str, shadow: ShadowLaw | None = None) -> str:
    return reverse(f"admin:claims_shadowlaw_{name}", args=[shadow.pk] if shadow else [])


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_everybody_of_the_office_reads_the_law_in_force(signed_in: SignIn, role: Role) -> None:
    shown = signed_in(role).get(reverse("admin:law"))

    page = shown.content.decode()
    assert shown.status_code == 200
    assert "rates.standard_act" in page
    assert ("essayer autre chose" in page) == (role in LAW_ROLES)


def test_announced_and_unconfirmed_values_stand_apart_with_their_count(signed_in: SignIn) -> None:
    law, page = world.law(), signed_in(Role.AGENT).get(reverse("admin:law"))
    shown = page.context["law"]

    assert len(shown["to_be_confirmed"]) == len(law.to_be_confirmed())
    assert len(shown["announced"]) == len(law.announced())
    student = next(
        each
        for family in shown["families"]
        for each in family["parameters"]
        if each["key"] == "ages.student"
    )
    assert (student["now"]["text"], student["now"]["state"]) == ("26 ans", "now")
    assert [value["state"] for value in student["others"]] == ["announced"]


def test_every_family_has_its_title() -> None:
    assert set(TITLES) == set(FAMILIES)


@pytest.mark.parametrize(
    ("day", "text"),
    [("2008-01-14", "190,00 DH"), ("2008-01-15", "250,00 DH"), ("not a day", "250,00 DH")],
)
def test_the_law_is_shown_on_a_day(signed_in: SignIn, day: str, text: str) -> None:
    page = signed_in(Role.AUDITOR).get(reverse("admin:law"), {"jour": day})

    rows = [row for family in page.context["law"]["families"] for row in family["parameters"]]
    letter = next(row for row in rows if row["key"] == "key_letters.CsC.PRIVATE")
    assert letter["now"]["text"] == text


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_candidates_are_read_and_written_by_role(signed_in: SignIn, role: Role) -> None:
    shadow, client = a_law(), signed_in(role)

    assert (client.get(address("changelist")).status_code == 200) == (role in LAW_READERS)
    assert (client.get(address("change", shadow)).status_code == 200) == (role in LAW_READERS)
    assert (client.get(address("add")).status_code == 200) == (role in LAW_ROLES)
    client.post(address("mesurer", shadow), {"since": SINCE.isoformat()})
    assert (ShadowLaw.objects.get().state == "RUNNING") == (role in LAW_ROLES)


def test_the_editor_begins_with_the_file_in_force(signed_in: SignIn) -> None:
    page = signed_in(Role.ADMINISTRATOR).get(address("add"), {"fichier": STANDARD_ACT})

    assert page.context["form"].initial["text"].startswith('description: "Taux')


def test_a_written_file_becomes_a_draft(signed_in: SignIn) -> None:
    text = RATE.format(rate="0.80")
    entry = {"name": "Essai", "file": STANDARD_ACT, "text": text.replace("\n", "\r\n")}

    answer = signed_in(Role.MEDICAL_OFFICER).post(address("add"), entry)

    shadow = ShadowLaw.objects.get()
    assert answer.url == address("change", shadow)
    assert shadow.files == {STANDARD_ACT: text}


def test_an_uploaded_file_wins_over_the_text(signed_in: SignIn) -> None:
    upload = SimpleUploadedFile("x.yaml", RATE.format(rate="0.85").encode())
    entry = {"name": "Essai", "file": STANDARD_ACT, "text": "x", "upload": upload}

    signed_in(Role.MEDICAL_OFFICER).post(address("add"), entry)

    assert '"0.85"' in ShadowLaw.objects.get().files[STANDARD_ACT]


REFUSED = {
    "unknown key": (
        {"text": RATE.format(rate="0.80") + "author: x\n"},
        "unknown key &#x27;author&#x27;",
    ),
    "nothing": ({"text": ""}, "Envoyez le fichier, ou écrivez-le."),
    "not UTF-8": ({"upload": SimpleUploadedFile("x.yaml", b"caf\xe9")}, "UTF-8"),
    "too large": ({"upload": SimpleUploadedFile("x.yaml", b"x" * 100_001)}, "100 ko"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_file_is_said_and_what_was_written_is_kept(signed_in: SignIn, name: str) -> None:
    given, said = REFUSED[name]
    if upload := given.get("upload"):
        upload.seek(0)

    answer = signed_in(Role.MEDICAL_OFFICER).post(
        address("add"), {"name": "Mon essai", "file": STANDARD_ACT, **given}
    )

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Mon essai" in answer.content.decode()
    assert not ShadowLaw.objects.exists()


def test_a_second_file_is_added_and_taken_out(signed_in: SignIn) -> None:
    shadow, client = a_law(), signed_in(Role.MEDICAL_OFFICER)
    second = {"file": "rates/device.yaml", "text": RATE.format(rate="0.60")}

    client.post(address("ecrire", shadow), second)
    assert set(ShadowLaw.objects.get().files) == {STANDARD_ACT, "rates/device.yaml"}
    refused = client.post(address("ecrire", shadow), {**second, "text": "unit: x"})
    client.post(address("ecrire", shadow), {"retirer": "rates/device.yaml"})

    assert refused.status_code == 422
    assert "rates/device.yaml" in refused.content.decode()
    assert set(ShadowLaw.objects.get().files) == {STANDARD_ACT}


def test_a_measure_runs_pauses_and_ends_under_the_eyes_of_its_page(signed_in: SignIn) -> None:
    care_claim()
    shadow, client = a_law(), signed_in(Role.MEDICAL_OFFICER)
    client.post(address("mesurer", shadow), {"since": SINCE.isoformat()})
    running = client.get(address("avancement", shadow))
    client.post(address("suspendre", shadow))
    paused = client.get(address("avancement", shadow))
    client.post(address("reprendre", shadow))
    services.advance_measures(at=world.NOW)
    services.advance_measures(at=world.NOW)
    measured = client.get(address("avancement", shadow))
    page = client.get(address("change", shadow))

    assert "HX-Refresh" not in running
    assert (paused["HX-Refresh"], measured["HX-Refresh"]) == ("true", "true")
    report = page.context["report"]
    assert (report["changed"], report["difference_centimes"]) == (1, 800)
    assert [each["name"] for each in report["groupings"]] == [
        "by_rule",
        "by_region",
        "by_speciality",
    ]
    assert '"data": ["8.00"]' in report["groupings"][0]["chart"]["data"]


def test_a_measure_without_its_first_day_says_so(signed_in: SignIn) -> None:
    shadow = a_law()

    answer = signed_in(Role.MEDICAL_OFFICER).post(address("mesurer", shadow), follow=True)

    assert "Donnez le premier jour" in answer.content.decode()
    assert ShadowLaw.objects.get().state == "DRAFT"


def test_the_proposer_is_told_that_another_adopts(signed_in: SignIn) -> None:
    shadow, client = measure(a_law()), signed_in(Role.ADMINISTRATOR)
    client.post(address("proposer", shadow))

    refused = client.post(address("adopter", shadow))
    other = signed_in(Role.ADMINISTRATOR).post(address("adopter", shadow), follow=True)

    assert refused.status_code == 403
    assert "une autre personne doit l’adopter" in refused.content.decode()
    assert "par un changement relu" in other.content.decode()
    assert ShadowLaw.objects.get().state == "ADOPTED"


def test_a_law_is_dropped_with_its_reason(signed_in: SignIn) -> None:
    shadow, client = a_law(), signed_in(Role.MEDICAL_OFFICER)

    assert client.post(address("abandonner", shadow), {"reason": ""}).status_code in (409, 422)
    page = client.post(address("abandonner", shadow), {"reason": "trop cher"}, follow=True)

    assert "trop cher" in page.content.decode()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_report_leaves_as_a_workbook(signed_in: SignIn, language: str) -> None:
    care_claim(world.practice(speciality="=1+1"))
    shadow, client = measure(a_law()), signed_in(Role.AUDITOR)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language

    content = client.get(address("tableau", shadow)).content

    sheets = list(pd.read_excel(io.BytesIO(content), sheet_name=None).values())
    assert len(sheets) == 4
    assert sheets[1].iloc[0].tolist()[1:] == [1, 56, 64, 8]
    assert sheets[3].iloc[0, 0] == "=1+1"


def test_a_draft_has_no_workbook(signed_in: SignIn) -> None:
    assert signed_in(Role.AUDITOR).get(address("tableau", a_law())).status_code == 404


def test_the_files_leave_as_they_enter_the_code(signed_in: SignIn) -> None:
    shadow = draft_law(
        name="x",
        files={STANDARD_ACT: RATE.format(rate="0.80")},
        by=world.user(Role.ADMINISTRATOR),
        at=world.NOW,
    )

    content = signed_in(Role.AUDITOR).get(address("fichiers", shadow)).content

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == [f"legislation/{STANDARD_ACT}"]
        assert archive.read(f"legislation/{STANDARD_ACT}").decode() == RATE.format(rate="0.80")
