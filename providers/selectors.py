"""Reading the register: providers, who acts for whom, devices and tokens."""

from collections.abc import Iterable
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from providers.models import Device, Membership, Provider, SoftwareToken, Territory


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


def agreed_on(provider: Provider, day: date) -> bool:
    """Tell whether the provider is under agreement on `day`."""
    return provider.agreements.filter(period__contains=day).exists()


def device_by_kid(kid: str) -> Device | None:
    """Return the device of a key's thumbprint, revoked ones included."""
    return Device.objects.select_related("provider", "user").filter(kid=kid).first()


def devices_of(user: Any) -> QuerySet[Device]:
    """Return the devices `user` enrolled, newest first."""
    return Device.objects.filter(user=user).select_related("provider").order_by("-enrolled_at")


def device_of_prefix(prefix: str) -> Device | None:
    """Return the device that mints numbers beginning with `prefix`."""
    return Device.objects.filter(prefix=prefix).first()


def token_owner(token: str, at: datetime) -> SoftwareToken | None:
    """Return the living software token whose plain text is `token`."""
    found = (
        SoftwareToken.objects.select_related("provider", "user")
        .filter(token_hash=hash_of(token))
        .first()
    )
    if found is None or (found.revoked_at is not None and found.revoked_at <= at):
        return None
    return found


def hash_of(token: str) -> str:
    """Return what is kept of a token: it has 256 random bits, so a plain SHA-256 is enough."""
    return sha256(token.encode()).hexdigest()


def territories_by_code(codes: Iterable[str]) -> dict[str, Territory]:
    """Return the territories of these codes; what is unknown is left out."""
    return {each.code: each for each in Territory.objects.filter(code__in=codes)}


def agreements_of(provider_ids: Iterable[UUID]) -> list[tuple[UUID, str, str, Any]]:
    """Return key, INPE, sector and each period of agreement of these providers, oldest first.

    A provider that was never under agreement has one row, without period.
    """
    rows = Provider.objects.filter(id__in=list(provider_ids)).order_by("id", "agreements__period")
    return list(rows.values_list("id", "inpe", "sector", "agreements__period"))
