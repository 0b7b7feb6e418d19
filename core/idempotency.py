"""Same key and same content: same answer. Same key and other content: a refusal."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.models import IdempotentCall


class IdempotencyKeyReused(DomainError):
    """The key was already used for another content."""

    code = "IDEMPOTENCY_KEY_REUSED"
    status = 422
    message = _(
        "Cette clé d’idempotence a déjà servi pour un autre contenu. Rien n’a été modifié ; "
        "envoyez ce nouveau document avec une nouvelle clé."
    )


def once(
    *,
    caller: str,
    key: str,
    content: Any,
    at: datetime,
    call: Callable[[], tuple[int, dict[str, Any]]],
) -> tuple[int, dict[str, Any], bool]:
    """Run `call` once per (caller, key) and return (status, answer, replayed).

    The key is written in the same transaction as the work: a refusal rolls both back, so that the same
    request may be sent again once its cause is mended. A concurrent twin waits on the unique key.
    Raises IdempotencyKeyReused.
    """
    digest = content_hash(content)
    with transaction.atomic():
        try:
            with transaction.atomic():
                row = IdempotentCall.objects.create(
                    caller=caller, key=key, content_hash=digest, status=0, answer={}, called_at=at
                )
        except IntegrityError:
            first = IdempotentCall.objects.get(caller=caller, key=key)
            if first.content_hash != digest:
                raise IdempotencyKeyReused from None
            return first.status, first.answer, True
        status, answer = call()
        IdempotentCall.objects.filter(pk=row.pk).update(status=status, answer=answer)
    return status, answer, False


def content_hash(content: Any) -> str:
    """Return the SHA-256 of the canonical JSON (RFC 8785) of `content`, in hexadecimal."""
    return sha256(rfc8785.dumps(content)).hexdigest()
