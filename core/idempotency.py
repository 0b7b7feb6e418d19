"""Same key and same content: same answer. Same key and other content: a refusal."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785
from django.utils.translation import gettext_lazy as _

from core import pipeline
from core.appending import as_json
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
    asks_first: bool = False,
) -> tuple[int, dict[str, Any], bool]:
    """Run `call` once per (caller, key) and return (status, answer, replayed).

    The key is written in the same transaction as the work: a refusal rolls both back, so that the same
    request may be sent again once its cause is mended. A concurrent twin waits on the unique key.
    `asks_first`: the first thing `call` does is to ask the database; the key then leaves with that
    question, and is answered before it.
    Raises IdempotencyKeyReused.
    """
    digest = content_hash(content)
    row = IdempotentCall(
        caller=caller, key=key, content_hash=digest, status=0, answer={}, called_at=at
    )
    try:
        with pipeline.transaction():
            (pipeline.check if asks_first else pipeline.ask)(_first_time(row))
            status, answer = call()
            pipeline.write(_ANSWER, [status, as_json(answer), row.pk])
    except _AnsweredBefore:
        first = IdempotentCall.objects.get(caller=caller, key=key)
        if first.content_hash != digest:
            raise IdempotencyKeyReused from None
        return first.status, first.answer, True
    return status, answer, False


_ANSWER = "UPDATE core_idempotentcall SET status = %s, answer = %s::jsonb WHERE id = %s"


class _AnsweredBefore(Exception):
    """The key is known: whatever the work was about to do is undone."""


def _first_time(row: IdempotentCall) -> pipeline.Question[None]:
    """Write the key, or stop the work when it is known."""

    def understand(rows: list[pipeline.Row]) -> None:
        if not rows:
            raise _AnsweredBefore

    return pipeline.Question(
        "INSERT INTO core_idempotentcall"
        " (id, caller, key, content_hash, status, answer, called_at)"
        " VALUES (%s, %s, %s, %s, 0, '{}', %s) ON CONFLICT (caller, key) DO NOTHING RETURNING id",
        [row.pk, row.caller, row.key, row.content_hash, row.called_at],
        understand,
    )


def content_hash(content: Any) -> str:
    """Return the SHA-256 of the canonical JSON (RFC 8785) of `content`, in hexadecimal."""
    return sha256(rfc8785.dumps(content)).hexdigest()
