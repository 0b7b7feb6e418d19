"""Accounts of payees: the first one is opened, any other goes through a change; the register's import."""

from datetime import date
from pathlib import Path

import pytest

from core.errors import DomainError
from core.imports.loading import Edition, Options, load_list
from core.imports.report import LinesRefused
from core.models import AuditEvent
from payments import services
from payments.models import PayeeAccount
from payments.reference.accounts import ACCOUNTS
from payments.rules import Payee, PayeeKind
from payments.selectors.accounts import account_on, accounts_on
from tests import world

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 1)
WHO = {"by": "system:test", "at": world.NOW}
FIRST, SECOND = world.rib(700_001), world.rib(700_002)


@pytest.fixture
def provider():
    made = world.practice().provider
    PayeeAccount.objects.filter(provider=made).delete()
    return made


@pytest.fixture
def payee(provider) -> Payee:
    return Payee(PayeeKind.PROVIDER, provider.pk)


def test_a_first_account_opens_and_its_number_is_not_told(payee: Payee) -> None:
    opened = services.open_account(
        payee=payee, rib=f"{FIRST[:10]} {FIRST[10:]}", holder=" T ", first_day=DAY, **WHO
    )

    assert (opened.rib, opened.holder, opened.period.lower) == (FIRST, "T", DAY)
    assert account_on(payee, DAY) == opened
    assert account_on(payee, date(2025, 12, 31)) is None
    (event,) = AuditEvent.objects.filter(action="payments.account.opened")
    assert event.after == {"rib": "•" * 21 + FIRST[-3:], "from_day": "2026-01-01"}
    assert [row.history_type for row in opened.history.all()] == ["+"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"rib": FIRST[:-1] + "0"}, "RIB_WRONG"),
        ({"rib": FIRST[:-1]}, "RIB_WRONG"),
        ({"rib": "٠" * 24}, "RIB_WRONG"),
        ({"rib": ""}, "RIB_WRONG"),
        ({"holder": "  "}, "HOLDER_MISSING"),
    ],
)
def test_a_wrong_account_is_refused(payee: Payee, given: dict[str, str], code: str) -> None:
    before = world.rows_everywhere()

    with pytest.raises(DomainError) as refusal:
        services.open_account(
            payee=payee, **{"rib": FIRST, "holder": "T", "first_day": DAY, **WHO, **given}
        )

    assert refusal.value.code == code
    assert world.rows_everywhere() == before


def test_a_second_account_has_another_door(payee: Payee) -> None:
    services.open_account(payee=payee, rib=FIRST, holder="T", first_day=DAY, **WHO)
    before = world.rows_everywhere()

    with pytest.raises(services.AccountKnown):
        services.open_account(payee=payee, rib=SECOND, holder="T", first_day=DAY, **WHO)

    assert world.rows_everywhere() == before


def test_accounts_of_many_payees_come_in_one_query(django_assert_num_queries) -> None:
    persons = [world.person() for _ in range(3)]
    doctor = world.practice()
    payees = [Payee(PayeeKind.INSURED, each.insured_id) for each in persons]
    payees.append(Payee(PayeeKind.PROVIDER, doctor.provider.pk))

    with django_assert_num_queries(1):
        found = accounts_on(payees, day=world.TODAY)

    assert set(found) == set(payees)


# ---- The register's accounts


def load(path: Path, lines: list[str], **options):
    path.write_text("\n".join(["inpe,rib,holder,name", *lines]) + "\n", encoding="utf-8")
    edition = Edition(valid_from=DAY, source="essai", by="system:test", at=world.NOW)
    return load_list(ACCOUNTS, path, edition, Options(**options))


def test_the_register_opens_first_accounts_once(provider, payee: Payee, tmp_path: Path) -> None:
    lines = [f"{provider.inpe},{FIRST},Cabinet,x"]

    assert load(tmp_path / "a.csv", lines).new == 1
    assert load(tmp_path / "a.csv", lines).unchanged == 1
    account = account_on(payee, world.TODAY)
    assert account is not None
    assert (account.rib, account.history.count()) == (FIRST, 1)


def test_a_register_never_changes_an_account(provider, payee: Payee, tmp_path: Path) -> None:
    load(tmp_path / "a.csv", [f"{provider.inpe},{FIRST},Cabinet,x"])

    report = load(tmp_path / "b.csv", [f"{provider.inpe},{SECOND},Voleur,x"])

    assert (report.new, report.changed) == (0, 0)
    assert [notice.code for notice in report.warnings] == ["ACCOUNT_DIFFERS"]
    assert [each.rib for each in PayeeAccount.objects.filter(**payee.scope)] == [FIRST]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (f"000000000,{FIRST},A,x", "INPE_UNKNOWN"),
        (f"INPE,{FIRST[:-1]}0,A,x", "RIB_KEY"),
        (f"INPE,{FIRST},,x", "HOLDER_MISSING"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(
    provider, tmp_path: Path, line: str, code: str
) -> None:
    with pytest.raises(LinesRefused) as refusal:
        load(tmp_path / "a.csv", [line.replace("INPE", provider.inpe)])

    assert [(each.line, each.code) for each in refusal.value.report.refused] == [(2, code)]
    assert not PayeeAccount.objects.filter(provider=provider).exists()


def test_a_line_without_rib_says_nothing(provider, tmp_path: Path) -> None:
    assert load(tmp_path / "a.csv", [f"{provider.inpe},,,x"]).new == 0
