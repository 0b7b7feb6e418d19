"""The fraud desk over HTTP: first page, export, a failing rule named, refusals shown on the page."""

import html
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Role
from claims.models import Claim
from core.models import AuditEvent
from fraud import services
from fraud.models import Alarm, Case, RuleSuspension, RuleVersion, Signal
from fraud.presenters.cases import ranked_providers
from fraud.rules import catalogue
from fraud.rules.facts import ClaimFacts, Detector
from fraud.selectors.rules import rules_in_force
from tests import world
from tests.fraud.filing import care_claim, night, screened

pytestmark = pytest.mark.django_db


def a_case(name: str = "=Dr Formule") -> Case:
    """A doctor who asked three consultations again."""
    doctor, patient = world.practice(name=name), world.person()
    for _n in range(4):
        screened(care_claim(doctor, patient))
    rules = {each.name: each for each in rules_in_force(world.TODAY)}
    assert services.open_cases(rules=rules, at=world.NOW) == 1
    return Case.objects.get()


def test_the_first_page_tells_the_fraud_officer_of_cases_and_of_lost_holds(signed_in: Any) -> None:
    a_case()
    RuleSuspension.objects.create(
        rule="SAME_CARE_AGAIN", version=0, holds=20, overturned=19, at=world.NOW
    )
    page = signed_in(Role.FRAUD_OFFICER).get(reverse("admin:index")).content.decode()
    assert "Dossiers de fraude" in page
    assert "Règles à revoir" in page
    other = signed_in(Role.PAYMENT_OFFICER).get(reverse("admin:index")).content.decode()
    assert "Règles à revoir" not in other


def test_the_list_is_exported_and_its_cells_are_no_formulas(signed_in: Any) -> None:
    case = a_case()
    answer = signed_in(Role.FRAUD_OFFICER).get(
        reverse("admin:fraud_case_changelist"), {"export": "csv"}
    )
    rows = answer.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    cells = rows[1].split(";")
    # 0.9 for three facts; four claims of 56 DH.
    assert cells[:2] == [case.number, "professionnel"]
    assert cells[2] == "'=Dr Formule"
    assert cells[4] == "224.00"


def test_a_rule_whose_detector_raises_is_named_on_the_rules_page(
    signed_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(facts: ClaimFacts) -> None:
        raise ZeroDivisionError

    detectors = ((Detector.MORE_THAN_A_DAY, broken), *catalogue.DETECTORS[:2])
    monkeypatch.setattr("fraud.services._screening.DETECTORS", detectors)
    claim = screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))
    assert claim.state == "HELD"
    page = signed_in(Role.AUDITOR).get(reverse("admin:fraud_rules")).content.decode()
    assert page.count("en panne") == 1
    assert "Un contrôle n’a pas pu s’exécuter" in page


def test_a_refused_version_comes_back_with_its_bound_and_what_was_typed(signed_in: Any) -> None:
    client = signed_in(Role.FRAUD_OFFICER)
    entry = {"weight": "120", "minutes_apart": "30", "action": "HOLD", "reason": "essai"}
    answer = client.post(reverse("admin:fraud_rule_ecrire", args=["SAME_CARE_AGAIN"]), entry)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert (
        "« Poids dans le score (%) » : « 120 » est hors des bornes, de 0 à 100."
        in html.unescape(page)
    )
    assert 'value="120"' in page
    assert not RuleVersion.objects.exists()


def test_a_reason_as_long_as_the_field_with_its_lines_is_no_fault(signed_in: Any) -> None:
    """A browser counts a line's end as one character, and sends two."""
    reason = "\r\n".join(["x" * 49] * 10)
    entry = {"weight": "87,5", "minutes_apart": "30", "action": "FLAG", "reason": reason + "y"}
    client = signed_in(Role.FRAUD_OFFICER)
    answer = client.post(reverse("admin:fraud_rule_ecrire", args=["SAME_CARE_AGAIN"]), entry)
    assert answer.status_code == 302
    version = RuleVersion.objects.get()
    assert (version.weight_bp, version.thresholds) == (8_750, {"minutes_apart": 30})
    assert version.reason == (reason + "y")[:500]


@pytest.mark.parametrize("role", [Role.AGENT, Role.MEDICAL_OFFICER])
def test_the_list_of_claims_does_not_tell_which_a_case_asks_back(
    signed_in: Any, role: Role
) -> None:
    claims = signed_in(role).get(
        reverse("admin:claims_claim_changelist"), {"case_recovery__isnull": "False"}
    )
    assert claims.status_code == 302  # as any question the list does not know


def test_a_script_in_a_name_or_a_note_is_text(signed_in: Any) -> None:
    script = "<script>alert(1)</script>"
    case = a_case(name=script)
    client = signed_in(Role.FRAUD_OFFICER)
    client.post(reverse("admin:fraud_case_noter", args=[case.pk]), {"text": script})
    for address in (
        reverse("admin:fraud_case_change", args=[case.pk]),
        reverse("admin:fraud_case_changelist"),
    ):
        page = client.get(address).content.decode()
        assert script not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_an_auditor_reads_a_case_and_decides_nothing(signed_in: Any) -> None:
    case = a_case()
    client = signed_in(Role.AUDITOR)
    page = client.get(reverse("admin:fraud_case_change", args=[case.pk])).content.decode()
    assert case.number in page
    assert "Prendre ce dossier" not in page
    answer = client.post(reverse("admin:fraud_case_prendre", args=[case.pk]))
    assert answer.status_code == 403
    case.refresh_from_db()
    assert case.state == "OPEN"


def test_a_decision_of_the_page_takes_back_the_ticked_claims(signed_in: Any) -> None:
    case = a_case()
    Claim.objects.filter(state="HELD").update(state="APPROVED", held_until=None)
    client = signed_in(Role.FRAUD_OFFICER)
    client.post(reverse("admin:fraud_case_prendre", args=[case.pk]))
    ticked = str(Claim.objects.filter(signals__isnull=False).first().pk)
    client.post(
        reverse("admin:fraud_case_confirmer", args=[case.pk]),
        {"reason": "jamais faits", "claim": [ticked, "not-a-key"]},
    )
    case.refresh_from_db()
    assert case.state == "CONFIRMED"
    recoveries = case.decisions.get().recoveries.values_list("claim", "amount_centimes")
    assert [(str(claim), amount) for claim, amount in recoveries] == [(ticked, 5_600)]


def test_the_evidence_of_a_case_is_a_file_a_row_each(signed_in: Any) -> None:
    case = a_case()
    rules = {each.name: each for each in rules_in_force(world.TODAY)}
    doctor = case.parties.get().provider
    run = night()
    seen = {"run": run, "version": 0, "is_shadow": False, "day": world.TODAY}
    seen |= {"provider": doctor, "strength_bp": 9_000, "seen_at": world.NOW, "evidence": {}}
    signal = Signal.objects.order_by("pk").first()
    # What the night saw again of a signal is no second row; what only the night saw is one.
    Alarm.objects.create(
        **seen, rule=signal.detector, level="CLAIM", claim=signal.claim, key="again"
    )
    Alarm.objects.create(**seen, rule="UPCODING", level="PROVIDER", observed="0.5", key="alone")
    services.open_cases(rules=rules, at=world.NOW)

    answer = signed_in(Role.AUDITOR).get(reverse("admin:fraud_case_preuves", args=[case.pk]))

    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.headers["Content-Disposition"].endswith(f'"preuves-{case.number}.csv"')
    rows = [row.split(";") for row in lines[1:]]
    assert [row[1] for row in rows] == ["SAME_CARE_AGAIN"] * 3 + ["UPCODING"]
    assert {row[5] for row in rows} == {"'=Dr Formule"}
    assert "déjà demandé sous le numéro" in rows[0][8]
    event = AuditEvent.objects.get(action="claims.list.exported")
    assert event.after == {"rows": 4, "query": case.number}


def test_professionals_carry_their_place_in_both_orders(signed_in: Any) -> None:
    case = a_case()
    doctor, rich = case.parties.get().provider, world.practice(name="Dr Tranquille")
    for _n in range(5):
        screened(care_claim(rich))
    run = night()
    for provider, strength in ((doctor, 9_000), (rich.provider, 1_000)):
        Alarm.objects.create(
            run=run,
            rule="UPCODING",
            version=0,
            is_shadow=False,
            level="PROVIDER",
            provider=provider,
            day=world.TODAY,
            strength_bp=strength,
            evidence={},
            key=str(provider.pk),
            seen_at=world.NOW,
        )
    by_score = ranked_providers(at=world.NOW, by_amount=False)
    by_amount = ranked_providers(at=world.NOW, by_amount=True)
    assert [row["provider"] for row in by_score] == [doctor, rich.provider]
    assert [row["score_place"] for row in by_score] == [1, 2]
    assert [row["provider"] for row in by_amount] == [rich.provider, doctor]
    assert [(row["amount_place"], row["score_place"]) for row in by_amount] == [(1, 2), (2, 1)]
    assert by_score[0]["rules"] == ["Même soin déjà demandé", "Cotation plus chère que les pairs"]
    page = signed_in(Role.AUDITOR).get(reverse("admin:fraud_providers")).content.decode()
    assert "Rang par score" in page
    assert "Rang par montant" in page
