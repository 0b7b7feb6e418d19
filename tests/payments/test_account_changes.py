"""A change of account: two proofs, a notice, a delay; every state with every command."""

from datetime import date, timedelta

import pytest

from accounts.models import Role, User
from core.transitions import moves_of
from payments import services
from payments.models import AccountChange, AccountNotice, PayeeAccount
from payments.rules import Payee, PayeeKind
from payments.selectors.accounts import account_on
from payments.services import Proof
from payments.states import ChangeState
from providers.models import Membership
from tests import world
from tests.payments.account_story import MUCH_LATER, NEW, NOW, OPENS, OTHER, Story, refused, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story()


NO = "TRANSITION_REFUSED"
# What each command does in each state: the state after it, or the code of its refusal.
TABLE = {
    "confirm": {
        "REQUESTED": "COOLING",
        "COOLING": "COOLING",
        "CONTESTED": NO,
        "APPLIED": NO,
        "REFUSED": NO,
        "EXPIRED": NO,
    },
    "contest": {
        "REQUESTED": NO,
        "COOLING": "CONTESTED",
        "CONTESTED": "CONTESTED",
        "APPLIED": NO,
        "REFUSED": NO,
        "EXPIRED": NO,
    },
    "withdraw": {
        "REQUESTED": "REFUSED",
        "COOLING": "REFUSED",
        "CONTESTED": "NOT_AN_ACCOUNT_AGENT",
        "APPLIED": NO,
        "REFUSED": "REFUSED",
        "EXPIRED": NO,
    },
    "refuse": {
        "REQUESTED": "REFUSED",
        "COOLING": "REFUSED",
        "CONTESTED": "REFUSED",
        "APPLIED": NO,
        "REFUSED": NO,
        "EXPIRED": NO,
    },
    "resume": {
        "REQUESTED": NO,
        "COOLING": NO,
        "CONTESTED": "COOLING",
        "APPLIED": NO,
        "REFUSED": NO,
        "EXPIRED": NO,
    },
}
RESTS = set(ChangeState.values) - {"CONFIRMED"}


def test_the_table_has_every_state_where_a_change_rests() -> None:
    assert all(set(cells) == RESTS for cells in TABLE.values())


@pytest.mark.parametrize(
    ("command", "state", "expected"),
    [(name, state, after) for name, cells in TABLE.items() for state, after in cells.items()],
)
def test_every_state_with_every_command(
    story: Story, command: str, state: str, expected: str
) -> None:
    story.bring_to(state)
    do = getattr(story, command)

    if expected in RESTS:
        assert do().state == story.state() == expected
    else:
        assert refused(do) == expected


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("REQUESTED", "EXPIRED"),
        ("COOLING", "APPLIED"),
        *((state, state) for state in ("CONTESTED", "APPLIED", "REFUSED", "EXPIRED")),
    ],
)
def test_the_clock_with_every_state(story: Story, state: str, after: str) -> None:
    story.bring_to(state)
    moved = services.settle_changes(at=MUCH_LATER)

    assert (story.state(), moved) == (after, int(state != after))
    before = rows()
    assert services.settle_changes(at=MUCH_LATER) == 0
    assert rows() == before


@pytest.mark.parametrize("command", ["confirm", "contest", "withdraw", "refuse", "resume"])
def test_a_command_done_twice_gives_its_success_again(story: Story, command: str) -> None:
    story.bring_to({"confirm": "REQUESTED", "resume": "CONTESTED"}.get(command, "COOLING"))
    first = getattr(story, command)()
    before = rows()

    again = getattr(story, command)()

    assert (again.pk, again.state) == (first.pk, first.state)
    assert rows() == before


def test_asking_the_same_twice_is_asking_once(story: Story) -> None:
    first = story.ask()
    before = rows()

    assert story.ask().pk == first.pk
    assert rows() == before


# ---- Who, what, and the second proof


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"rib": NEW[:-1] + "0"}, "RIB_WRONG"),
        ({"rib": "12"}, "RIB_WRONG"),
        ({"holder": " "}, "HOLDER_MISSING"),
    ],
)
def test_a_wrong_account_is_not_asked_for(story: Story, given: dict[str, str], code: str) -> None:
    assert refused(lambda: story.ask(**given)) == code


def test_the_present_account_is_not_a_change(story: Story) -> None:
    same = {"rib": story.old.rib, "holder": story.old.holder}
    assert refused(lambda: story.ask(**same)) == "ACCOUNT_SAME"


@pytest.mark.parametrize("role", [Role.INSURED, Role.PAYMENT_OFFICER, Role.ADMINISTRATOR])
def test_nobody_asks_for_another_person(story: Story, role: Role) -> None:
    stranger = world.user(role)
    assert refused(lambda: story.ask(by=stranger, document_reference="P1")) == "NOT_YOUR_ACCOUNT"


def test_an_agent_names_the_paper(story: Story) -> None:
    assert refused(lambda: story.ask(by=story.agent)) == "DOCUMENT_MISSING"


@pytest.mark.parametrize(
    ("standing", "code"),
    [(Membership.Standing.SIGNATORY, ""), (Membership.Standing.DELEGATE, "NOT_YOUR_ACCOUNT")],
)
def test_a_provider_s_signatory_asks_and_a_delegate_does_not(standing: str, code: str) -> None:
    doctor = world.practice()
    other = world.user(Role.PRESCRIBER)
    Membership.objects.create(
        user=other, provider=doctor.provider, standing=standing, period=world.ALWAYS
    )
    asked = {
        "payee": Payee(PayeeKind.PROVIDER, doctor.provider.pk),
        "rib": NEW,
        "holder": "Cabinet",
    }

    if code:
        assert refused(lambda: services.request_change(by=other, at=NOW, **asked)) == code
    else:
        assert services.request_change(by=other, at=NOW, **asked).provider == doctor.provider


def test_a_second_change_waits_for_the_first(story: Story) -> None:
    story.ask()
    assert refused(lambda: story.ask(rib=OTHER)) == "ACCOUNT_CHANGE_OPEN"
    assert (
        refused(lambda: story.ask(by=story.agent, document_reference="P1")) == "ACCOUNT_CHANGE_OPEN"
    )


@pytest.mark.parametrize(
    "proof",
    [
        None,
        Proof("totp", NOW - timedelta(seconds=1)),
        Proof("totp", NOW + timedelta(hours=2)),
    ],
    ids=["none", "given before asking", "from the future"],
)
def test_no_second_proof_no_confirmation(story: Story, proof: Proof | None) -> None:
    story.ask()
    assert refused(lambda: story.confirm(proof=proof)) == "SECOND_PROOF_MISSING"


def test_a_second_proof_ages(story: Story) -> None:
    story.ask()
    given = Proof("totp", NOW)
    late = NOW + timedelta(minutes=5, seconds=1)
    assert refused(lambda: story.confirm(at=late, proof=given)) == "SECOND_PROOF_MISSING"
    assert story.confirm(at=NOW + timedelta(minutes=5), proof=given).proof == "totp"


def test_the_second_factor_is_the_same_person_s(story: Story) -> None:
    story.ask()
    for stranger in (world.user(Role.INSURED), story.agent):
        assert refused(lambda by=stranger: story.confirm(by=by)) == "NOT_YOUR_ACCOUNT"


def test_what_one_agent_asked_another_confirms(story: Story) -> None:
    story.ask(by=story.agent, document_reference="A-2026-17")
    assert refused(lambda: story.confirm(by=story.agent)) == "ACCOUNT_FOUR_EYES"
    assert refused(lambda: story.confirm(by=story.owner)) == "NOT_AN_ACCOUNT_AGENT"

    done = story.confirm(by=story.second, proof=None)

    assert (done.state, done.proof, done.confirmed_by) == ("COOLING", "second_agent", story.second)


def test_who_took_part_does_not_judge_a_contestation(story: Story) -> None:
    story.ask(by=story.agent, document_reference="A-2026-17")
    story.confirm(by=story.second, proof=None)
    story.contest()
    for by in (story.agent, story.second):
        for service in (services.resume_change, services.refuse_change):
            assert (
                refused(lambda s=service, b=by: s(change=story.change, by=b, at=NOW, reason="x"))
                == "ACCOUNT_FOUR_EYES"
            )
    third = world.user(Role.AGENT)
    services.refuse_change(change=story.change, by=third, at=NOW, reason="signature imitée")
    assert story.state() == "REFUSED"
    assert moves_of(story.change)[-1].reason == "signature imitée"


def test_an_agent_s_decision_has_a_reason(story: Story) -> None:
    story.bring_to("COOLING")
    assert refused(lambda: story.refuse(reason=" ")) == "REASON_MISSING"
    assert refused(lambda: story.contest(by=story.agent)) == "REASON_MISSING"
    story.contest(by=story.agent, reason="au téléphone")
    assert refused(lambda: story.resume(reason="")) == "REASON_MISSING"


def test_too_late_to_confirm(story: Story) -> None:
    story.ask()
    late = NOW + timedelta(days=7)
    assert refused(lambda: story.confirm(at=late)) == "ACCOUNT_CHANGE_EXPIRED"
    assert services.settle_changes(at=late - timedelta(days=1)) == 0
    assert services.settle_changes(at=late) == 1
    assert story.state() == "EXPIRED"


# ---- The delay, the notice, the account


def test_the_account_opens_on_its_day_and_not_before(story: Story) -> None:
    story.ask()
    story.confirm()
    assert (story.change.expires_on, AccountChange.objects.get().opens_on) == (
        date(2026, 11, 27),
        OPENS,
    )
    day_before = NOW + timedelta(days=4)
    assert services.settle_changes(at=day_before) == 0
    assert account_on(story.payee, OPENS).rib == story.old.rib

    assert services.settle_changes(at=NOW + timedelta(days=5)) == 1

    assert account_on(story.payee, OPENS - timedelta(days=1)).rib == story.old.rib
    opened = account_on(story.payee, OPENS)
    assert (opened.rib, opened.holder) == (NEW, "Zineb Amellal")
    assert AccountChange.objects.get().account == opened
    assert [move.to_state for move in moves_of(story.change)] == [
        "REQUESTED",
        "CONFIRMED",
        "COOLING",
        "APPLIED",
    ]


def test_a_clock_that_slept_opens_the_account_on_the_day_it_wakes(story: Story) -> None:
    story.bring_to("COOLING")
    services.settle_changes(at=MUCH_LATER)
    assert account_on(story.payee, MUCH_LATER.date() - timedelta(days=1)).rib == story.old.rib
    assert account_on(story.payee, MUCH_LATER.date()).rib == NEW


def test_an_account_opened_that_very_day_gives_way_on_the_next(story: Story) -> None:
    PayeeAccount.objects.filter(pk=story.old.pk).update(period=(OPENS, None))
    story.bring_to("COOLING")
    services.settle_changes(at=NOW + timedelta(days=5))
    assert account_on(story.payee, OPENS).rib == story.old.rib
    assert account_on(story.payee, OPENS + timedelta(days=1)).rib == NEW


def test_a_payee_without_account_gets_a_first_one_the_same_way(story: Story) -> None:
    PayeeAccount.objects.all().delete()
    story.bring_to("COOLING")
    assert "Un premier compte" in AccountNotice.objects.get().text
    services.settle_changes(at=MUCH_LATER)
    assert account_on(story.payee, MUCH_LATER.date()).rib == NEW


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("fr", "Un changement de compte a été demandé le 20/11/2026. À partir du 25/11/2026"),
        ("ar", "طُلب تغيير الحساب يوم 20/11/2026. ابتداء من 25/11/2026"),
    ],
)
def test_the_old_contact_is_told_in_their_language(
    story: Story, language: str, begins: str
) -> None:
    User.objects.filter(pk=story.owner.pk).update(language=language, username="zineb.amellal")
    story.bring_to("COOLING")

    notice = AccountNotice.objects.get()

    assert (notice.channel, notice.user, notice.language) == ("PORTAL", story.owner, language)
    assert (notice.told, notice.at, notice.recipient) == ("COOLING", NOW, "••••••••••lal")
    assert notice.text.startswith(begins)
    assert NEW[-4:] in notice.text
    assert story.old.rib[-4:] in notice.text
    assert NEW not in notice.text
    services.settle_changes(at=MUCH_LATER)
    assert list(AccountNotice.objects.order_by("at").values_list("told", flat=True)) == [
        "COOLING",
        "APPLIED",
    ]


def test_who_does_not_sign_in_is_written_to_in_both_languages(story: Story) -> None:
    story.insured.user = None
    story.insured.address = "12, rue des Orangers, Casablanca"
    story.insured.save()
    story.ask(by=story.agent, document_reference="P1")
    story.confirm(by=story.second, proof=None)

    letters = AccountNotice.objects.order_by("language")

    assert [(each.channel, each.language, each.recipient[-4:]) for each in letters] == [
        ("LETTER", "ar", "•nca"),
        ("LETTER", "fr", "•nca"),
    ]


def test_every_signatory_of_a_provider_is_told() -> None:
    doctor = world.practice()
    partner = world.user(Role.PRESCRIBER)
    Membership.objects.create(
        user=partner,
        provider=doctor.provider,
        standing=Membership.Standing.SIGNATORY,
        period=world.ALWAYS,
    )
    payee = Payee(PayeeKind.PROVIDER, doctor.provider.pk)
    change = services.request_change(payee=payee, rib=NEW, holder="Cab", by=doctor.user, at=NOW)
    services.confirm_change(change=change, by=doctor.user, at=NOW, proof=Proof("totp", NOW))

    assert {each.user for each in AccountNotice.objects.all()} == {doctor.user, partner}
    services.contest_change(change=change, by=partner, at=NOW)
    assert AccountChange.objects.get().state == "CONTESTED"


def test_a_contestation_dismissed_starts_the_whole_delay_again(story: Story) -> None:
    story.bring_to("CONTESTED")
    later = NOW + timedelta(days=4)
    story.resume(at=later)
    assert AccountChange.objects.get().opens_on == date(2026, 11, 29)
    assert AccountNotice.objects.filter(told="COOLING").count() == 2
    assert services.settle_changes(at=NOW + timedelta(days=8)) == 0
    assert services.settle_changes(at=NOW + timedelta(days=9)) == 1
