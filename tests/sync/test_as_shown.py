"""Paid as shown: what a screen without network said is paid where the fund bears the change, or explained."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.conf import settings as django_settings

from accounts.models import Role
from claims.adjudication import Law
from claims.models import Claim, CountedUse, Decision, ShownAmount
from claims.services import decide_review, end_hold
from claims.states import ClaimState
from config.invariants.checking import check
from core import outbox, seal, transitions
from core.money import parse_dirhams
from core.record_keys import new_key
from insured.models import Entitlement, Insured, Person
from payments.models import LedgerEntry
from prescriptions.models import MedicinePrice
from sync.models import Incident, PackPart
from tests import world
from tests.claims.candidates import RATE, STANDARD_ACT, candidate
from tests.sync.device import OfflineDevice, stands, states
from tests.sync.screen import known_of, pack_now, showing
from tests.sync.test_hand_overs import code_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_still_clock")]

Json = dict[str, Any]
AFTER = world.NOW + timedelta(hours=4)


def handed(
    doctor: OfflineDevice, shop: OfflineDevice, patient: Person, box: Any, **fields: Any
) -> tuple[Json, str]:
    """A prescription of two boxes that the server has, and the hand-over of both, not yet kept."""
    document = world.second_document(doctor.practice, patient, [world.prescribed_line(box)])
    code = code_of(doctor, document, patient)
    doctor.send(doctor.keep("prescription", doctor.body(document, code=code)))
    return {
        "type": "waraqa/dispensing",
        "version": 2,
        "fse_number": document["fse_number"],
        "instance": 1,
        "replaces": None,
        "device": shop.practice.device.kid,
        "provider": shop.practice.provider.inpe,
        "patient": str(patient.pk),
        "dispensed_on": world.TODAY.isoformat(),
        "third_party_payment": True,
        "lines": [world.dispensed_line(1, box, 2)],
        **fields,
    }, code


def kept(shop: OfflineDevice, document: Json, code: str, shown: Json | None, pack: Any) -> Json:
    """Keep a hand-over with what its screen showed."""
    return shop.keep(
        "dispensing",
        shop.body(document),
        inside={"code": code, **({"shown": shown} if shown else {})},
        pack=str(getattr(pack, "pk", pack)),
    )


def priced(box: Any, base: int) -> None:
    """A new price list: the base price of a medicine, in centimes."""
    MedicinePrice.objects.filter(medicine=box).update(base_price_centimes=base)


def told() -> list[tuple[int, int, int, list[str], bool]]:
    """Shown, standing, paid, causes and whether honoured, of every line that differs."""
    return [
        (
            row.shown_centimes,
            row.standing_centimes,
            row.paid_centimes,
            row.causes,
            row.is_honoured,
        )
        for row in ShownAmount.objects.order_by("position")
    ]


def broken() -> list[str]:
    return [found.invariant.key for found in check(at=AFTER) if not found.holds]


def settled() -> None:
    """Screening, approval and posting, as the outbox brings them."""
    for _round in range(4):
        outbox.deliver(outbox.take(at=AFTER, limit=100), at=AFTER)


def test_what_was_shown_and_is_still_so_leaves_no_row(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    envelope = kept(shop, document, code, showing(shop, document, pack), pack)
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "APPLIED")]
    assert Claim.objects.get().reimbursed_centimes == 8_400
    assert told() == []


def test_a_price_list_that_changed_is_borne_by_the_fund(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    envelope = kept(shop, document, code, showing(shop, document, pack), pack)
    priced(box, 5_000)

    shop.send(envelope)
    shop.send(envelope)
    settled()

    assert states(envelope) == [("APPLIED", "OFF_PAID_AS_SHOWN")]
    claim = Claim.objects.get()
    assert (claim.reimbursed_centimes, claim.insured_share_centimes) == (8_400, 6_600)
    assert told() == [(8_400, 7_000, 8_400, ["PACK_OLDER"], True)]
    decision = Decision.objects.get()
    assert decision.reimbursed_centimes == 8_400
    message = stands(envelope).message
    assert "84,00 DH" in message["fr"]
    assert "70,00 DH" in message["fr"]
    assert "les listes de prix" in message["fr"]
    assert "les listes" not in message["ar"]
    entries = LedgerEntry.objects.filter(claim_id=claim.pk)
    assert sorted((each.account, each.side, each.amount_centimes) for each in entries) == [
        ("BENEFITS", "DEBIT", 8_400),
        ("PAYABLE_PROVIDER", "CREDIT", 8_400),
    ]
    assert broken() == []


def test_the_same_price_list_without_a_word_of_the_screen_decides_as_it_stands(
    doctor, shop, patient
) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    priced(box, 5_000)
    envelope = kept(shop, document, code, None, pack)
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "APPLIED")]
    assert Claim.objects.get().reimbursed_centimes == 7_000
    assert told() == []


def test_what_became_better_is_decided_and_the_rest_given_back(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    envelope = kept(shop, document, code, showing(shop, document, pack), pack)
    priced(box, 7_000)
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "OFF_NOT_AS_SHOWN")]
    assert told() == [(8_400, 9_800, 9_800, ["PACK_OLDER"], False)]
    result = stands(envelope).result["as_shown"]
    assert not result["honoured"]
    assert "Le professionnel rend 14,00 DH au patient" in result["message"]["fr"]


def test_rights_closed_since_are_explained_and_not_honoured(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    known = known_of(patient, shop)
    envelope = kept(shop, document, code, showing(shop, document, pack, known=known), pack)
    Entitlement.objects.all().delete()
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "OFF_NOT_AS_SHOWN")]
    assert told() == [(8_400, 0, 0, ["RIGHTS_CHANGED"], False)]
    assert "84,00 DH n’est pas garantie" in stands(envelope).result["as_shown"]["message"]["fr"]


def test_a_law_that_changed_is_borne_by_the_fund(doctor, patient, settings, tmp_path) -> None:
    world.act()
    pack = pack_now()
    document = world.care_document(doctor.practice, patient)
    shown = showing(doctor, document, pack, known=known_of(patient, doctor))
    envelope = doctor.keep(
        "care_claim", doctor.body(document), inside={"shown": shown}, pack=str(pack.pk)
    )
    settings.LAW_DIR = str(candidate(tmp_path / "law", {STANDARD_ACT: RATE.format(rate="0.60")}))

    doctor.send(envelope)
    settled()

    assert states(envelope) == [("APPLIED", "OFF_PAID_AS_SHOWN")]
    claim = Claim.objects.get()
    ((shown_centimes, standing, paid, causes, honoured),) = told()
    assert (shown_centimes, paid, causes, honoured) == (5_600, 5_600, ["LAW_CHANGED"], True)
    assert standing < 5_600 == claim.reimbursed_centimes
    decision = Decision.objects.select_related("law").get()
    assert Law.from_dict(decision.law.content).digest == pack.manifest["law"]
    assert broken() == []


def dental(patient: Person, doctor: OfflineDevice) -> Json:
    """A prosthesis of 2,000 dirhams at most, charged 2,000."""
    world.act("D800", "DP", 16_000, ceiling="dental_prosthesis")
    line = {**world.care_document(doctor.practice, patient)["lines"][0]}
    lines = [{**line, "act": "D800", "charged": "2000.00"}]
    return world.care_document(doctor.practice, patient, lines=lines)


def use_of_a_ceiling(patient: Person, amount: int) -> None:
    """Another claim took of the ceiling of prostheses, centimes."""
    world.act()
    other = world.practice()
    claim = world.submit(other, world.care_document(other, patient))
    CountedUse.objects.create(
        patient=patient,
        claim=claim,
        n=claim.decision_n,
        position=9,
        kind=CountedUse.Kind.CEILING,
        name="dental_prosthesis",
        insured_id=patient.insured_id,
        care_date=world.TODAY - timedelta(days=40),
        amount=amount,
    )


@pytest.mark.parametrize(
    ("days_ago", "paid", "code"),
    [
        (0, 140_000, "OFF_PAID_AS_SHOWN"),
        (7, 140_000, "OFF_PAID_AS_SHOWN"),
        (8, 100_000, "OFF_NOT_AS_SHOWN"),
    ],
)
def test_a_ceiling_used_elsewhere_is_borne_where_the_patient_was_known_lately(
    doctor, patient, days_ago, paid, code, monkeypatch
) -> None:
    document = dental(patient, doctor)
    pack = pack_now()
    known = known_of(patient, doctor)
    if days_ago:
        facts = {name: each for name, each in known.items() if name != "signature"}
        seen = (world.TODAY - timedelta(days=days_ago)).isoformat()
        known = seal.seal({**facts, "seen_on": seen})
    shown = showing(doctor, document, pack, known=known)
    envelope = doctor.keep(
        "care_claim", doctor.body(document), inside={"shown": shown}, pack=str(pack.pk)
    )
    use_of_a_ceiling(patient, 200_000)

    doctor.send(envelope)
    settled()

    assert states(envelope) == [("APPLIED", code)]
    assert told() == [(140_000, 100_000, paid, ["CEILING_REACHED"], paid == 140_000)]
    assert broken() == []


def test_more_than_the_law_honours_is_explained(doctor, shop, patient) -> None:
    box = world.medicine(public=200_000, base=200_000)
    document, code = handed(doctor, shop, patient, box)
    document["lines"][0]["charged"] = "4000.00"
    pack = pack_now()
    envelope = kept(shop, document, code, showing(shop, document, pack), pack)
    priced(box, 150_000)
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "OFF_NOT_AS_SHOWN")]
    assert told() == [(280_000, 210_000, 210_000, ["PACK_OLDER"], False)]


def inflated(shown: Json) -> Json:
    return {**shown, "lines": [{**line, "reimbursed": "149.00"} for line in shown["lines"]]}


def of_another_engine(shown: Json) -> Json:
    return {**shown, "engine": "0" * 64}


def with_forged_rights(shown: Json) -> Json:
    """Facts that the server sealed, and that were changed since."""
    ill = {"code": "E11", "category": "ALC", "rate": "1.00", "valid": ["2020-01-01", None]}
    return {**shown, "known": {**shown["known"], "illnesses": [ill]}}


@pytest.mark.parametrize("cheat", [inflated, of_another_engine, with_forged_rights])
def test_amounts_that_the_engine_does_not_give_are_not_honoured(
    doctor, shop, patient, cheat
) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    shown = cheat(showing(shop, document, pack, known=known_of(patient, shop)))
    envelope = kept(shop, document, code, shown, pack)
    priced(box, 5_000)
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "OFF_SHOWN_UNFOUNDED")]
    claimed = parse_dirhams(shown["lines"][0]["reimbursed"])
    assert told() == [(claimed, 7_000, 7_000, ["NOT_OF_THE_ENGINE"], False)]
    assert Incident.objects.get().kind == "SHOWN_DIFFERS"


def test_facts_sealed_of_somebody_else_prove_nothing(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    ill = world.person()
    world.diabetes(ill)
    pack = pack_now()
    known = known_of(ill, shop)
    envelope = kept(shop, document, code, showing(shop, document, pack, known=known), pack)
    priced(box, 5_000)
    shop.send(envelope)
    assert told() == [(8_400, 7_000, 7_000, ["NOT_OF_THE_ENGINE"], False)]


@pytest.mark.parametrize("unknown", [new_key(), "not a pack"])
def test_amounts_of_a_pack_never_issued_are_not_honoured(doctor, shop, patient, unknown) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    shown = showing(shop, document, pack)
    priced(box, 5_000)
    envelope = kept(shop, document, code, shown, unknown)
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "OFF_SHOWN_UNFOUNDED")]
    assert told() == [(8_400, 7_000, 7_000, ["PACK_UNKNOWN"], False)]


def test_amounts_of_a_pack_that_had_ended_are_explained(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now(world.NOW - timedelta(days=7))
    envelope = kept(shop, document, code, showing(shop, document, pack), pack)
    priced(box, 5_000)
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "OFF_NOT_AS_SHOWN")]
    assert told() == [(8_400, 7_000, 7_000, ["PACK_EXPIRED"], False)]


def test_amounts_of_another_pack_than_the_one_named_are_not_honoured(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    old = pack_now(world.NOW - timedelta(hours=1))
    priced(box, 5_000)
    fresh = pack_now()
    envelope = kept(shop, document, code, showing(shop, document, old), fresh)
    shop.send(envelope)
    assert told() == [(8_400, 7_000, 7_000, ["NOT_OF_THE_ENGINE"], False)]


def test_amounts_of_other_lines_than_those_signed_are_not_honoured(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    dearer = {**document, "lines": [world.dispensed_line(1, box, 3)]}
    envelope = kept(shop, document, code, showing(shop, dearer, pack), pack)
    shop.send(envelope)
    assert told() == [(12_600, 8_400, 8_400, ["NOT_OF_THE_ENGINE"], False)]


def test_a_pack_whose_contents_are_gone_is_said_so(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    envelope = kept(shop, document, code, showing(shop, document, pack), pack)
    PackPart.objects.all().delete()
    priced(box, 5_000)
    shop.send(envelope)
    assert states(envelope) == [("APPLIED", "OFF_NOT_AS_SHOWN")]
    assert told() == [(8_400, 7_000, 7_000, ["PACK_GONE"], False)]


@pytest.mark.parametrize("wrong", [{"lines": []}, {"engine": 3}, {"known": "facts"}, {"more": 1}])
def test_amounts_that_cannot_be_read_refuse_the_content(doctor, shop, patient, wrong) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    envelope = kept(shop, document, code, {**showing(shop, document, pack), **wrong}, pack)
    shop.send(envelope)
    assert [state for state, _code in states(envelope)] == ["REJECTED"]
    assert not Claim.objects.exists()


def test_a_person_who_judges_again_keeps_what_was_promised(doctor, shop, patient) -> None:
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    envelope = kept(shop, document, code, showing(shop, document, pack), pack)
    priced(box, 5_000)
    shop.send(envelope)
    claim = Claim.objects.get()
    transitions.move(claim, ClaimState.HELD, by="system:test", at=AFTER, held_until=AFTER)
    end_hold(claim, by="system:test", at=AFTER)
    decide_review(claim, verdict="CONFIRM", reason="vu", by=world.user(Role.AGENT), at=AFTER)
    claim.refresh_from_db()
    assert (claim.decision_n, claim.reimbursed_centimes) == (2, 8_400)
    settled()
    assert broken() == []


@pytest.mark.parametrize("seed", range(4))
def test_what_the_patient_paid_and_what_is_paid_make_the_charge(
    doctor, shop, patient, seed
) -> None:
    draw = Random(seed)
    before, after = sorted(draw.sample(range(500, 9_001), 2), reverse=bool(seed % 2))
    third_party = seed < 2
    box = world.medicine(base=before)
    document, code = handed(doctor, shop, patient, box, third_party_payment=third_party)
    pack = pack_now()
    shown = showing(shop, document, pack)
    envelope = kept(shop, document, code, shown, pack)
    priced(box, after)
    shop.send(envelope)
    claim = stands(envelope).claim
    on_screen = parse_dirhams(shown["lines"][0]["reimbursed"])
    assert claim.reimbursed_centimes >= on_screen
    if third_party:
        given_back = claim.reimbursed_centimes - on_screen
        at_the_counter = claim.charged_centimes - on_screen - given_back
        assert at_the_counter + claim.reimbursed_centimes == claim.charged_centimes
    row = ShownAmount.objects.filter(claim=claim).first()
    assert (row is None) == (before == after)
    assert row is None or row.is_honoured == (before > after)


@pytest.mark.parametrize(
    ("language", "sentence"), [("fr", "Payé comme affiché hors ligne"), ("ar", "أدي كما عرض")]
)
def test_the_receipt_and_the_page_of_the_insured_say_it(
    doctor, shop, patient, client, language, sentence
) -> None:
    owner = world.user(Role.INSURED)
    Insured.objects.filter(pk=patient.insured_id).update(user=owner)
    box = world.medicine()
    document, code = handed(doctor, shop, patient, box)
    pack = pack_now()
    envelope = kept(shop, document, code, showing(shop, document, pack), pack)
    priced(box, 5_000)
    shop.send(envelope)
    claim = Claim.objects.get()

    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    client.force_login(owner)
    page = client.get(f"/assure/dossiers/{claim.pk}/").content.decode()
    assert sentence in page
    assert "70,00" in page
    client.force_login(shop.practice.user)
    paper = client.get(f"/pharmacie/papiers/{claim.pk}/recu.pdf").content
    assert paper.startswith(b"%PDF")
