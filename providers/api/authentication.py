"""Who calls the API: a provider's software by its token, or a person by the session of our pages."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.models import User
from core.api.problems import NotAuthenticated, NotPermitted
from providers import selectors
from providers.models import Membership, Provider
from providers.permissions import NotAMember, OnlySignatorySigns

BEARER = "bearer"
Standings = tuple[tuple[Provider, str], ...]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and the providers this caller may act for today, each with the standing."""

    identity: str
    providers: Standings

    def acts_for(self, provider: Provider) -> bool:
        """Tell whether the caller may act for this provider."""
        return any(each == provider for each, _standing in self.providers)

    def acting_for(self, inpe: str | None, *, pointer: str) -> Provider:
        """Return the provider of this INPE, or the caller's first one.

        `pointer` says where in the body the INPE stands. Raises ProviderUnknown, NotAMember.
        """
        for provider, _standing in self.providers:
            if inpe in (None, provider.inpe):
                return provider
        if inpe is None:
            raise NotAMember(inpe="?")
        try:
            selectors.provider_by_inpe(inpe)
        except selectors.ProviderUnknown:
            raise selectors.ProviderUnknown(pointer=pointer, inpe=inpe) from None
        raise NotAMember(pointer=pointer, inpe=inpe)

    def signing_for(self, inpe: str, *, pointer: str = "/document/provider") -> Provider:
        """Return the provider the caller signs for.

        Raises ProviderUnknown, NotAMember, OnlySignatorySigns.
        """
        provider = self.acting_for(inpe, pointer=pointer)
        if (provider, Membership.Standing.SIGNATORY) not in self.providers:
            raise OnlySignatorySigns
        return provider


class SoftwareTokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <token>`: the software acts for its one provider, as the token's person."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        holder = (
            selectors.token_holder(token.strip(), day=timezone.localdate(), at=timezone.now())
            if kind.lower() == BEARER and token.isascii()
            else None
        )
        if holder is None or not _may_sign_in(holder.user):
            raise NotAuthenticated(
                "TOKEN_REFUSED",
                _("Ce jeton de logiciel est inconnu ou révoqué : demandez-en un nouveau."),
            )
        standings = ((holder.provider, holder.standing),)
        return holder.user, Caller(f"software:{holder.token_id}", standings)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="waraqa"'


class PageSessionAuthentication(authentication.SessionAuthentication):
    """The session of our own pages; writes carry the CSRF token in `X-CSRFToken`."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user = found[0]
        standings = tuple(selectors.providers_of(user, timezone.localdate()))
        return user, Caller(f"user:{user.pk}", standings)

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except exceptions.PermissionDenied:
            raise NotPermitted(
                "CSRF_REFUSED", _("Cette page est trop ancienne : rechargez-la, puis renvoyez.")
            ) from None


def _may_sign_in(user: User) -> bool:
    return user.is_active and (not user.is_demo or settings.DEMO_LOGINS)


class SoftwareTokenScheme(OpenApiAuthenticationExtension):
    target_class = SoftwareTokenAuthentication
    name = "software"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": BEARER, "description": str(_("Jeton d’un logiciel"))}


class PageSessionScheme(OpenApiAuthenticationExtension):
    target_class = PageSessionAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
