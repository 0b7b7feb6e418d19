"""Who sees what: the truth table of the back office, page by page, for every role and a stranger."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.models import OFFICE_ROLES, Role
from claims.models import Claim
from core.models import AuditEvent, Transition
from fraud.models import HoldDecision
from tests import world
from tests.fraud.filing import care_claim, screened

pytestmark = pytest.mark.django_db

A, M, P = Role.AGENT, Role.MEDICAL_OFFICER, Role.PAYMENT_OFFICER
F, U, D = Role.FRAUD_OFFICER, Role.AUDITOR, Role.ADMINISTRATOR

# Page: who may read it, who may change, who may add. Nobody deletes anything anywhere.
TABLE: dict[str, tuple[set[Role], set[Role], set[Role]]] = {
    "accounts.user": ({D, U}, {D}, set()),
    "providers.provider": (set(OFFICE_ROLES), {D}, {D}),
    "providers.agreementperiod": ({D, A, U}, {D}, {D}),
    "providers.membership": ({D, U, A}, {D}, {D}),
    "providers.device": ({D, U, A, F}, set(), set()),
    "providers.softwaretoken": ({D, U, A}, set(), set()),
    "providers.outage": (set(OFFICE_ROLES), set(), {A, D}),
    "providers.territory": (set(OFFICE_ROLES), set(), set()),
    "insured.insured": ({A, M, F, U, D}, {D}, {D}),
    "insured.person": ({A, M, F, U, D}, {D}, {D}),
    "insured.entitlement": ({A, M, F, U, D}, {D}, {D}),
    "insured.longtermillness": ({A, M, F, U}, {M}, {M}),
    "insured.illness": (set(OFFICE_ROLES), set(), set()),
    "prescriptions.medicine": (set(OFFICE_ROLES), set(), set()),
    "prescriptions.prescription": ({M, F, U}, set(), set()),
    "prescriptions.dispensing": ({A, M, F, U}, set(), set()),
    "prescriptions.safetydemotion": ({M, U}, set(), set()),
    "sync.envelope": ({A, D, F, U}, set(), set()),
    "sync.incident": ({A, D, F, U}, set(), set()),
    "claims.act": (set(OFFICE_ROLES), {D}, set()),
    "claims.priorapproval": ({A, M, U}, set(), set()),
    "claims.claim": ({A, M, F, U}, set(), set()),
    "claims.paperpad": ({A, M, F, U, D}, set(), {A, D}),
    "claims.paperfile": ({A, M, F, U}, set(), set()),
    "claims.shadowlaw": ({M, D, U}, set(), {M, D}),
    "fraud.case": ({F, U}, set(), set()),
    "payments.paymentbatch": ({P, U}, set(), set()),
    "payments.paymentorder": ({P, U}, set(), set()),
    "payments.paymentday": ({P, U}, {P}, {P}),
    "payments.reversal": ({A, M, F, P, U}, set(), set()),
    "payments.undueamount": ({P, U}, set(), set()),
    "payments.payeeaccount": ({A, P, U, D}, set(), set()),
    "payments.paymentrepair": ({P, U}, set(), set()),
    "payments.accountchange": ({A, P, U}, set(), set()),
}
OWN_PAGES: dict[str, set[Role]] = {
    "admin:audit_trail": {U},
    "admin:law": set(OFFICE_ROLES),
    "admin:paper_desk": {A},
    "admin:paper_key": {A},
    "admin:claims_paperpad_add": {A, D},
    "admin:runs": {A, M, P, F, U},
    "admin:fraud_network": {F, U},
    "admin:fraud_providers": {F, U},
    "admin:fraud_rules": {F, U},
    "admin:fraud_nights": {F, U},
    "admin:ledger": {P, U},
    "admin:invariants": {U, D},
    "admin:quarantine": {U, D},
    "admin:payments_paymentbatch_freeze": {P},
    "admin:account_new": {D},
    "admin:payments_accountchange_ask": {A},
    "admin:providers_softwaretoken_issue": {D},
}

SignIn = Callable[[Role], Client]


def label(model_admin: Any) -> str:
    return model_admin.model._meta.label_lower


def test_every_registered_list_is_in_the_table() -> None:
    assert {label(each) for each in admin.site._registry.values()} == set(TABLE)


@pytest.mark.parametrize("role", sorted(Role))
def test_rights_are_those_of_the_table(role: Role, rf: Any) -> None:
    request = rf.get("/admin/")
    request.user = world.user(role)
    for model_admin in admin.site._registry.values():
        readers, changers, adders = TABLE[label(model_admin)]
        assert model_admin.has_view_permission(request) == (role in readers), label(model_admin)
        assert model_admin.has_change_permission(request) == (role in changers), label(model_admin)
        assert model_admin.has_add_permission(request) == (role in adders), label(model_admin)
        assert not model_admin.has_delete_permission(request), label(model_admin)


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_every_list_answers_its_readers_and_refuses_the_others(
    role: Role, signed_in: SignIn
) -> None:
    client = signed_in(role)
    for name, (readers, _changers, _adders) in TABLE.items():
        page = reverse(f"admin:{name.replace('.', '_')}_changelist")
        assert client.get(page).status_code == (200 if role in readers else 403), name
    for page, readers in OWN_PAGES.items():
        assert client.get(reverse(page)).status_code == (200 if role in readers else 403), page


@pytest.mark.parametrize("role", sorted(set(Role) - OFFICE_ROLES))
def test_people_of_care_and_insured_people_are_refused(role: Role, signed_in: SignIn) -> None:
    client = signed_in(role)
    for name in TABLE:
        answer = client.get(reverse(f"admin:{name.replace('.', '_')}_changelist"))
        assert answer.status_code == 403, name
    assert client.get(reverse("admin:login"))["Location"] == reverse("home")


def test_a_stranger_is_sent_to_the_one_sign_in_page(client: Client) -> None:
    answer = client.get("/admin/claims/claim/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))


def test_an_office_person_without_a_second_factor_enters_nowhere() -> None:
    client = Client()
    client.force_login(world.user(Role.AGENT), backend="accounts.backends.AccountBackend")
    answer = client.get("/admin/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("mfa_activate_totp"))


def held() -> Claim:
    return screened(care_claim(patient=world.person(death_date=date(2026, 11, 1))))


DECISIONS = {
    "lever": ("APPROVED", {A, F}),
    "refuser": ("DENIED", {A, F}),
}


@pytest.mark.parametrize("deed", sorted(DECISIONS))
@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_a_hold_is_ended_by_post_by_the_right_roles_only(
    deed: str, role: Role, signed_in: SignIn
) -> None:
    claim, client = held(), signed_in(role)
    state, allowed = DECISIONS[deed]
    url = reverse(f"admin:claims_claim_{deed}", args=[claim.pk])
    moves = Transition.objects.count()
    assert client.get(url).status_code in {403, 405}
    answer = client.post(url, {"reason": "vérifié"})
    claim.refresh_from_db()
    if role in allowed:
        assert (answer.status_code, claim.state) == (302, state)
    else:
        assert answer.status_code == 403
        assert (claim.state, Transition.objects.count()) == ("HELD", moves)
        assert not HoldDecision.objects.exists()


def test_a_decision_without_a_reason_is_refused_and_says_so(signed_in: SignIn) -> None:
    claim, client = held(), signed_in(A)
    answer = client.post(reverse("admin:claims_claim_refuser", args=[claim.pk]), {"reason": " "})
    assert answer.status_code == 422
    assert "Un motif est nécessaire" in answer.content.decode()
    claim.refresh_from_db()
    assert claim.state == "HELD"


def test_the_second_agent_reads_who_decided_and_keeps_what_they_typed(signed_in: SignIn) -> None:
    claim = held()
    first, second = signed_in(A), signed_in(F)
    first.post(reverse("admin:claims_claim_refuser", args=[claim.pk]), {"reason": "acte fictif"})
    moves = Transition.objects.count()
    answer = second.post(
        reverse("admin:claims_claim_lever", args=[claim.pk]), {"reason": "le décès est une erreur"}
    )
    page = answer.content.decode()
    assert answer.status_code == 409
    assert re.search(
        r"Cette suspension a déjà été traitée par Personne \d+, le [\d/]+ [\d:]+", page
    )
    assert "rien n’a été modifié" in page
    claim.refresh_from_db()
    assert (claim.state, Transition.objects.count()) == ("DENIED", moves)


def test_opening_a_file_is_recorded_and_shown(signed_in: SignIn) -> None:
    claim, client = held(), signed_in(M)
    page = client.get(reverse("admin:claims_claim_change", args=[claim.pk])).content.decode()
    event = AuditEvent.objects.get(action="claims.claim.read")
    assert (event.subject_id, event.insured_id) == (str(claim.pk), claim.insured_id)
    assert "Soin après le décès" in page
    assert "19 jours après le décès" in page
    assert "Qui a consulté" in page


def test_a_refused_reader_leaves_no_reading(signed_in: SignIn) -> None:
    claim, client = held(), signed_in(P)
    assert client.get(reverse("admin:claims_claim_change", args=[claim.pk])).status_code == 403
    assert not AuditEvent.objects.filter(action="claims.claim.read").exists()


def test_the_export_holds_the_filtered_list_and_is_recorded(signed_in: SignIn) -> None:
    claim = held()
    screened(care_claim())
    answer = signed_in(A).get("/admin/claims/claim/?queue=held&export=csv")
    lines = answer.content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 2
    assert claim.sheet.fse_number in lines[1]
    event = AuditEvent.objects.get(action="claims.list.exported")
    assert event.after == {"rows": 1, "query": "queue=held"}


def test_a_cell_is_never_a_formula() -> None:
    from fraud.admin.export import safe_cell

    assert safe_cell("=1+1") == "'=1+1"
    assert safe_cell("Amellal") == "Amellal"


def test_sensitive_values_are_masked_for_those_who_do_not_keep_the_register(
    signed_in: SignIn,
) -> None:
    patient = world.person(cin="BK482913")
    page = reverse("admin:insured_person_change", args=[patient.pk])
    assert "BK482913" not in signed_in(F).get(page).content.decode()
    assert "BK482913" not in signed_in(D).get("/admin/insured/person/").content.decode()
    assert "BK482913" in signed_in(D).get(page).content.decode()


def test_an_edit_keeps_its_history_and_its_author(signed_in: SignIn) -> None:
    patient = world.person(cin="BK482914")
    client = signed_in(D)
    page = reverse("admin:insured_person_change", args=[patient.pk])
    form = client.get(page).context["adminform"].form
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    given = {name: value for name, value in values.items() if value not in (None, False)}
    answer = client.post(page, {**given, "last_name": "Bennani"})
    assert answer.status_code == 302
    patient.refresh_from_db()
    assert (patient.last_name, patient.history.count()) == ("Bennani", 2)
    event = AuditEvent.objects.get(action="insured.person.changed")
    assert event.after == {"last_name": "Bennani"}
    history = client.get(reverse("admin:insured_person_history", args=[patient.pk]))
    assert history.status_code == 200
    assert "Bennani" in history.content.decode()


def test_an_act_is_mapped_to_a_letter_the_law_knows(signed_in: SignIn) -> None:
    act = world.act("X1", letter="", coefficient=None, needs_prior_approval=False)
    client = signed_in(D)
    assert "X1" in client.get("/admin/claims/act/?mapping=unmapped").content.decode()
    page = reverse("admin:claims_act_change", args=[act.pk])
    for wrong in ({"letter": "QQ", "coefficient_hundredths": 100}, {"letter": "K"}):
        assert client.post(page, wrong).status_code == 200
    assert client.post(page, {"letter": "K", "coefficient_hundredths": 1500}).status_code == 302
    act.refresh_from_db()
    assert (act.letter, act.coefficient_hundredths, act.is_billable) == ("K", 1500, True)
    assert AuditEvent.objects.filter(action="claims.act.changed").count() == 1


def test_only_the_back_office_may_evaluate_scripts(signed_in: SignIn, client: Client) -> None:
    policy = "Content-Security-Policy"
    assert "unsafe-eval" in signed_in(A).get("/admin/")[policy]
    for page in ("/", reverse("account_login")):
        assert "unsafe" not in client.get(page)[policy]
