"""The base of every API view: one class per action, writes answered once per Idempotency-Key."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from core import clock, idempotency
from core.errors import DomainError

Json = dict[str, Any]
Answer = tuple[int, Json]
KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{8,80}")


class Caller(Protocol):
    """Who calls, as the authentication classes say it; `core` does not know the providers room."""

    @property
    def identity(self) -> str: ...


class KeyMissing(DomainError):
    """A write came without the key that makes sending it again harmless."""

    code = "IDEMPOTENCY_KEY_MISSING"
    status = 400
    message = _(
        "Ajoutez l’en-tête Idempotency-Key, de 8 à 80 caractères sans espace, nouveau pour chaque "
        "opération. Rien n’a été modifié."
    )


class CallerThrottle(ScopedRateThrottle):
    """A rate per caller for what could be guessed at: `throttle_scope` names it in the settings."""

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"throttle:{self.scope}:{request.auth.identity}"


class Action(APIView):
    """One thing a caller may do. Subclasses declare who may, and call one service or selector."""

    throttle_classes = [CallerThrottle]

    def once(
        self, request: Request, call: Callable[[datetime], Answer], *, asks_first: bool = False
    ) -> Response:
        """Answer a write: `call(at)` runs once per key, the same request again gives the same answer.

        `asks_first`: see `core.idempotency.once`.
        Raises KeyMissing, IdempotencyKeyReused, and whatever `call` raises; nothing is then kept.
        """
        key = request.headers.get(KEY_HEADER, "")
        if not _KEY.fullmatch(key):
            raise KeyMissing
        at = clock.now()
        caller: Caller = request.auth
        status, answer, replayed = idempotency.once(
            caller=caller.identity,
            key=key,
            content={"method": request.method, "path": request.path, "body": request.data},
            at=at,
            call=lambda: call(at),
            asks_first=asks_first,
        )
        headers = {REPLAYED_HEADER: "true"} if replayed else {}
        return Response(answer, status, headers=headers)


class WhateverIsAccepted(BaseContentNegotiation):
    """The paper is a file and its refusals are problems, whatever the caller says it accepts."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]


class UnknownAddress(APIView):
    """Whatever stands under the API's root and is no address of it: a problem, not a page."""

    schema = None
    permission_classes: list[Any] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise exceptions.NotFound
