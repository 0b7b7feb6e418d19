"""Reading accounts: where payees are paid on a day, and the changes under way."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accounts.models import OFFICE_ROLES, Role, User
from core.sealed_fields import masked
from insured.models import Insured
from insured.selectors import household_by_number, insured_of
from payments.models import AccountChange, AccountNotice, PayeeAccount
from payments.rules import Payee, PayeeKind
from payments.states import OPEN_CHANGES, ChangeState
from providers.models import Membership, Provider
from providers.selectors import provider_by_inpe, providers_of

# They read every change; payees read their own.
CHANGE_READERS = frozenset({Role.AGENT, Role.PAYMENT_OFFICER, Role.AUDITOR})


def accounts_on(payees: Iterable[Payee], *, day: date) -> dict[Payee, PayeeAccount]:
    """Return the bank account of each payee that has one on `day`."""
    found = PayeeAccount.objects.filter(_one_of(payees), period__contains=day)
    return {account.payee: account for account in found}


def account_on(payee: Payee, day: date) -> PayeeAccount | None:
    """Return the bank account on which a payee is paid on `day`."""
    return accounts_on([payee], day=day).get(payee)


def ribs_on(kind: str, payees: Iterable[Any], *, day: date) -> dict[str, str]:
    """Return the RIB of each payee of one kind that has an account on `day`, by its key as text.

    The nightly controls, beside payments, ask through `settings.BANK_ACCOUNTS`.
    """
    column = {PayeeKind.INSURED: "insured_id", PayeeKind.PROVIDER: "provider_id"}[PayeeKind(kind)]
    found = PayeeAccount.objects.filter(**{f"{column}__in": payees}, period__contains=day)
    return {str(key): rib for key, rib in found.values_list(column, "rib")}


def open_changes_of(payees: Iterable[Payee]) -> dict[Payee, str]:
    """Return the state of the change under way of each payee that has one."""
    found = AccountChange.objects.filter(_one_of(payees), state__in=OPEN_CHANGES)
    return {change.payee: change.state for change in found}


def open_change_of(payee: Payee) -> AccountChange | None:
    """Return the change under way of a payee."""
    return AccountChange.objects.filter(**payee.scope, state__in=OPEN_CHANGES).first()


def _one_of(payees: Iterable[Payee]) -> Q:
    by_kind: dict[PayeeKind, list[UUID]] = {kind: [] for kind in PayeeKind}
    for payee in payees:
        by_kind[payee.kind].append(payee.id)
    return Q(insured_id__in=by_kind[PayeeKind.INSURED]) | Q(
        provider_id__in=by_kind[PayeeKind.PROVIDER]
    )


def accounts_changed_by(user: Any) -> set[tuple[Payee, str]]:
    """Return the payees and account numbers that a person asked for or confirmed: never theirs to pay."""
    edited = AccountChange.objects.filter(
        Q(asked_by=user) | Q(confirmed_by=user), state=ChangeState.APPLIED
    )
    return {(change.payee, change.rib) for change in edited}


def due_changes(day: date) -> QuerySet[AccountChange]:
    """Changes the clock owes something to on `day`."""
    return AccountChange.objects.filter(
        Q(state=ChangeState.COOLING, opens_on__lte=day)
        | Q(state=ChangeState.REQUESTED, expires_on__lte=day)
    )


def changes_due(day: date) -> list[UUID]:
    """The keys of those changes, oldest first."""
    return list(due_changes(day).order_by("id").values_list("id", flat=True))


def change_visible_to(viewer: Any, change_id: UUID, *, day: date) -> AccountChange | None:
    """Return a change its viewer may read: the office's readers all, a payee's people their own."""
    changes = AccountChange.objects.select_related(
        "insured", "provider", "asked_by", "confirmed_by"
    )
    change = changes.filter(id=change_id).first()
    if change is None or getattr(viewer, "role", None) in CHANGE_READERS:
        return change
    own = {payee for payee, _name in payees_of(viewer, day=day)}
    return change if change.payee in own else None


def changes_of(payee: Payee) -> QuerySet[AccountChange]:
    """Every change of a payee, newest first."""
    return AccountChange.objects.filter(**payee.scope).order_by("-id")


def notices_of(change: AccountChange) -> list[AccountNotice]:
    """What the old contact was told of a change, oldest first."""
    return list(change.notices.select_related("user").order_by("at", "id"))


def payees_of(viewer: Any, *, day: date) -> list[tuple[Payee, Insured | Provider]]:
    """Return the payees whose account a person answers for: themselves, or who they sign for."""
    if getattr(viewer, "role", None) == Role.INSURED:
        insured = insured_of(viewer)
        return [(Payee(PayeeKind.INSURED, insured.pk), insured)] if insured else []
    if getattr(viewer, "role", None) in OFFICE_ROLES:
        return []
    return [
        (Payee(PayeeKind.PROVIDER, provider.pk), provider)
        for provider, standing in providers_of(viewer, day)
        if standing == Membership.Standing.SIGNATORY
    ]


def payee_named(kind: PayeeKind, number: str) -> Payee:
    """Return the payee of an immatriculation or of an INPE. Raises HouseholdUnknown, ProviderUnknown."""
    if kind is PayeeKind.INSURED:
        return Payee(kind, household_by_number(number).pk)
    return Payee(kind, provider_by_inpe("".join(number.split())).pk)


def readers_of(payee: Payee, *, day: date) -> list[User]:
    """Return the people who sign in for a payee: told of what happens to the account."""
    if payee.kind is PayeeKind.INSURED:
        return list(User.objects.filter(insured=payee.id, is_active=True))
    signatories = Membership.objects.filter(
        provider_id=payee.id, standing=Membership.Standing.SIGNATORY, period__contains=day
    )
    return list(User.objects.filter(pk__in=signatories.values("user_id"), is_active=True))


def letter_address(payee: Payee) -> str:
    """Return where a letter to a payee goes, masked as it is kept: the file shows whom to write to."""
    model: type[Insured] | type[Provider] = Insured if payee.kind is PayeeKind.INSURED else Provider
    address = model.objects.values_list("address", flat=True).get(pk=payee.id)
    return masked(address)[-80:]
