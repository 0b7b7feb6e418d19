"""Reading accounts: the names behind the actors of the audit trail, the demonstration's factors."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator

from accounts.models import User

PREFIX = "user:"


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Return the full name of each person among actors (`user:<key>`); system jobs keep their own name."""
    keys = {actor.removeprefix(PREFIX) for actor in actors if actor.startswith(PREFIX)}
    names = dict(User.objects.filter(pk__in=keys).values_list("pk", "full_name"))
    return {f"{PREFIX}{key}": name for key, name in names.items()}


def demo_factor_of(username: str) -> Authenticator | None:
    """Return the time-based second factor of a demonstration account, if it has one."""
    factors = Authenticator.objects.filter(type=Authenticator.Type.TOTP, user__is_demo=True)
    return factors.filter(user__username=username).first()
