"""Reading the register: providers, who acts for whom, devices and tokens."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import DomainError
from core.pipeline import Question, Row, ask_one
from core.whole_rows import WholeRow
from providers.models import Device, Membership, Outage, Provider, Territory
from providers.rules.outages import Extended, OutageDays, extended


class ProviderUnknown(DomainError):
    """No provider of the register has this INPE."""

    code = "INPE_UNKNOWN"
    status = 422
    message = _(
        "L’INPE %(inpe)s n’est pas au registre. Vérifiez le numéro ; rien n’a été enregistré."
    )


def provider_by_inpe(inpe: str) -> Provider:
    """Return the provider of an INPE. Raises ProviderUnknown."""
    provider = Provider.objects.filter(inpe=inpe).first()
    if provider is None:
        raise ProviderUnknown(pointer="/document/provider", inpe=inpe)
    return provider


def membership_on(user: Any, provider: Provider, day: date) -> Membership | None:
    """Return how `user` may act for `provider` on `day`, if at all."""
    return Membership.objects.filter(user=user, provider=provider, period__contains=day).first()


def providers_of(user: Any, on: date) -> list[tuple[Provider, str]]:
    """Return the providers `user` may act for on a day, each with the standing."""
    memberships = (
        Membership.objects.filter(user=user, period__contains=on)
        .select_related("provider")
        .order_by("provider__name")
    )
    return [(membership.provider, membership.standing) for membership in memberships]


def provider_ids_of(user: Any, on: date) -> QuerySet[Any]:
    """Return the keys of the providers `user` may act for, for scoping querysets."""
    return Membership.objects.filter(user=user, period__contains=on).values("provider_id")


def provider_ids_signed_by(user: Any, on: date) -> QuerySet[Any]:
    """Return the keys of the providers `user` signs for on a day, for scoping querysets."""
    signed = Membership.objects.filter(standing=Membership.Standing.SIGNATORY)
    return signed.filter(user=user, period__contains=on).values("provider_id")


def device_by_kid(kid: str) -> Device | None:
    """Return the device of a key's thumbprint, revoked ones included."""
    return Device.objects.select_related("provider", "user").filter(kid=kid).first()


def devices_by_key_name(name: bytes) -> list[Device]:
    """Return the devices whose thumbprint begins with these bytes, revoked ones included.

    A code names its key by eight bytes: enough to find it, never a proof.
    """
    letters = urlsafe_b64encode(name).decode().rstrip("=")
    known = Device.objects.select_related("provider").filter(kid__startswith=letters[:-1])
    return [each for each in known if urlsafe_b64decode(f"{each.kid}=").startswith(name)]


def devices_of_kinds(kinds: Iterable[str], *, since: datetime | None) -> QuerySet[Device]:
    """Return the devices of providers of these kinds, revoked ones included, oldest first.

    `since`: only those enrolled or stopped from this instant on.
    """
    devices = Device.objects.filter(provider__kind__in=list(kinds)).select_related("provider")
    if since is not None:
        devices = devices.filter(
            Q(enrolled_at__gte=since) | Q(revoked_at__gte=since) | Q(invalid_since__gte=since)
        )
    return devices.order_by("enrolled_at", "kid")


def devices_of(user: Any) -> QuerySet[Device]:
    """Return the devices `user` enrolled, newest first."""
    return Device.objects.filter(user=user).select_related("provider").order_by("-enrolled_at")


class TokenHolder(NamedTuple):
    """Who acts by a living token: its person, the provider, and the standing there."""

    token_id: UUID
    user: User
    provider: Provider
    standing: str


def token_holder(token: str, *, day: date, at: datetime) -> TokenHolder | None:
    """Return who may act on `day` by the token whose plain text is `token`: one statement."""
    return ask_one(
        Question(
            f"SELECT token.id, membership.standing, {_USER.columns}, {_PROVIDER.columns}"  # noqa: S608
            " FROM providers_softwaretoken token"
            " JOIN accounts_user person ON person.id = token.user_id"
            " JOIN providers_provider provider ON provider.id = token.provider_id"
            " JOIN providers_membership membership ON membership.user_id = token.user_id"
            " AND membership.provider_id = token.provider_id AND membership.period @> %s::date"
            " WHERE token.token_hash = %s AND (token.revoked_at IS NULL OR token.revoked_at > %s)",
            [day, hash_of(token), at],
            _token_holder,
        )
    )


def _token_holder(rows: list[Row]) -> TokenHolder | None:
    if not rows:
        return None
    (row,) = rows
    user, provider = _USER.read(row, 2), _PROVIDER.read(row, 2 + _USER.width)
    assert user is not None  # noqa: S101 (joined, not looked for)
    assert provider is not None  # noqa: S101
    return TokenHolder(row[0], user, provider, row[1])


class Signer(NamedTuple):
    """What stands in the register of who signs: the provider named, the standing there, the key."""

    provider: Provider | None
    standing: str | None
    device: Device | None


def signer(*, user: Any, inpe: str, kid: str, day: date) -> Question[Signer]:
    """Ask for a provider, how `user` may act for it on `day`, and the device of a key's thumbprint."""
    return Question(
        f"SELECT membership.standing, {_PROVIDER.columns}, {_DEVICE.columns}"  # noqa: S608
        " FROM (SELECT %s AS inpe, %s AS kid) AS named"
        " LEFT JOIN providers_provider provider ON provider.inpe = named.inpe"
        " LEFT JOIN providers_membership membership ON membership.provider_id = provider.id"
        " AND membership.user_id = %s AND membership.period @> %s::date"
        " LEFT JOIN providers_device device ON device.kid = named.kid",
        [inpe, kid, user.pk, day],
        _signer,
    )


def _signer(rows: list[Row]) -> Signer:
    (row,) = rows
    provider, device = _PROVIDER.read(row, 1), _DEVICE.read(row, 1 + _PROVIDER.width)
    if device is not None and provider is not None and device.provider_id == provider.pk:
        device.provider = provider
    return Signer(provider, row[0], device)


_USER = WholeRow(User, "person")
_PROVIDER = WholeRow(Provider, "provider")
_DEVICE = WholeRow(Device, "device")


def hash_of(token: str) -> str:
    """Return what is kept of a token: it has 256 random bits, so a plain SHA-256 is enough."""
    return sha256(token.encode()).hexdigest()


def territories_by_code(codes: Iterable[str]) -> dict[str, Territory]:
    """Return the territories of these codes; what is unknown is left out."""
    return {each.code: each for each in Territory.objects.filter(code__in=codes)}


def agreements_of(provider_ids: Iterable[UUID | str]) -> list[tuple[UUID, str, str, Any]]:
    """Return key, INPE, sector and each period of agreement of these providers, oldest first.

    A provider that was never under agreement has one row, without period.
    """
    rows = Provider.objects.filter(id__in=list(provider_ids)).order_by("id", "agreements__period")
    return list(rows.values_list("id", "inpe", "sector", "agreements__period"))


def outages_since(day: date, *, territory_id: UUID | None) -> list[Outage]:
    """Return the outages that touch `day` or later in a territory's zone, first to last.

    An outage of the country touches every zone; of a region, its provinces and communes too.
    """
    return list(
        Outage.objects.filter(
            Q(territory=None) | Q(territory_id__in=_up_from(territory_id)),
            Q(until=None) | Q(until__date__gte=day),
        ).order_by("since", "id")
    )


def extended_limit(
    last_day: date, *, territory_ids: Iterable[UUID | None], grace_days: int
) -> Extended:
    """Return a last day as the outages declared in these territories' zones move it."""
    touching = {
        outage.pk: outage
        for territory_id in territory_ids
        for outage in outages_since(last_day, territory_id=territory_id)
    }
    days = [
        OutageDays(
            outage.code,
            localdate(outage.since),
            localdate(outage.until) if outage.until else None,
        )
        for outage in sorted(touching.values(), key=lambda each: (each.since, each.pk))
    ]
    return extended(last_day, days, grace_days=grace_days)


def zones_in_outage(since: date) -> set[UUID] | None:
    """Return the territories in whose zone an outage touches `since` or later; None: the whole country."""
    touching = Outage.objects.filter(Q(until=None) | Q(until__date__gte=since))
    zones = set(touching.values_list("territory_id", flat=True))
    if None in zones:
        return None
    inside = Q(pk__in=zones) | Q(parent__in=zones) | Q(parent__parent__in=zones)
    return set(Territory.objects.filter(inside).values_list("pk", flat=True)) if zones else set()


def _up_from(territory_id: UUID | None) -> list[UUID]:
    """A territory and those it lies in."""
    keys: list[UUID] = []
    while territory_id is not None:
        keys.append(territory_id)
        parents = Territory.objects.filter(pk=territory_id).values_list("parent_id", flat=True)
        territory_id = parents.first()
    return keys
