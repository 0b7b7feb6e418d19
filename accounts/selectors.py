"""Reading accounts: the names behind the actors of the audit trail."""

from collections.abc import Iterable

from accounts.models import User

PREFIX = "user:"


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """Return the full name of each person among actors (`user:<key>`); system jobs keep their own name."""
    keys = {actor.removeprefix(PREFIX) for actor in actors if actor.startswith(PREFIX)}
    names = dict(User.objects.filter(pk__in=keys).values_list("pk", "full_name"))
    return {f"{PREFIX}{key}": name for key, name in names.items()}
