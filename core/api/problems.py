"""Every refusal of the API as a problem document (RFC 9457), in French and in Arabic."""

import logging
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from core.api.entries import MAX_ERRORS, EntryErrors
from core.errors import DomainError, EntriesRefused
from core.languages import Bilingual, in_both_languages

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
SERVER_FAILED = 500
RETRY_SECONDS = 2

# The short title of a kind of refusal, by HTTP status.
TITLES: dict[int, str | Promise] = {
    400: _("Envoi illisible"),
    401: _("Connexion nécessaire"),
    403: _("Accès refusé"),
    404: _("Introuvable"),
    405: _("Méthode refusée"),
    406: _("Format de réponse inconnu"),
    409: _("Opération impossible dans l’état actuel"),
    413: _("Envoi trop volumineux"),
    415: _("Format d’envoi inconnu"),
    422: _("Saisie à corriger"),
    429: _("Trop de demandes"),
    500: _("Panne"),
    503: _("Service momentanément indisponible"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What a problem document says; `params` fill the sentence."""

    status: int
    code: str
    message: str | Promise
    params: dict[str, Any] = field(default_factory=dict)
    errors: list[dict[str, Any]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        message = in_both_languages(self.message, self.params)
        body = {
            "type": f"urn:waraqa:problem:{self.code}",
            "title": str(TITLES.get(self.status, TITLES[SERVER_FAILED])),
            "status": self.status,
            "detail": _in_active_language(message),
            "code": self.code,
            "errors": self.errors,
            "message": message,
        }
        return Response(body, self.status, headers=self.headers, content_type=CONTENT_TYPE)


class NotPermitted(exceptions.PermissionDenied):
    """A permission's refusal, with the code and the sentence of the problem document."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code, code)
        self.problem = Problem(403, code, message)


class NotAuthenticated(exceptions.AuthenticationFailed):
    """A refused credential, with the code and the sentence of the problem document."""

    def __init__(self, code: str, message: str | Promise) -> None:
        super().__init__(code, code)
        self.problem = Problem(401, code, message)


# Refusals of the framework: the first class that fits says code and sentence.
_FRAMEWORK: tuple[tuple[type[Exception], int, str, str | Promise], ...] = (
    (
        exceptions.NotAuthenticated,
        401,
        "SIGNED_OUT",
        _("Votre session a expiré : reconnectez-vous, puis renvoyez. Rien n’a été modifié."),
    ),
    (
        exceptions.AuthenticationFailed,
        401,
        "SIGNED_OUT",
        _("Votre session a expiré : reconnectez-vous, puis renvoyez. Rien n’a été modifié."),
    ),
    (exceptions.PermissionDenied, 403, "ACCESS_REFUSED", _("Cet accès ne vous est pas ouvert.")),
    (PermissionDenied, 403, "ACCESS_REFUSED", _("Cet accès ne vous est pas ouvert.")),
    (exceptions.NotFound, 404, "NOT_FOUND", _("Rien ne se trouve à cette adresse.")),
    (Http404, 404, "NOT_FOUND", _("Rien ne se trouve à cette adresse.")),
    (
        exceptions.MethodNotAllowed,
        405,
        "METHOD_NOT_ALLOWED",
        _("Cette adresse n’accepte pas cette méthode."),
    ),
    (exceptions.NotAcceptable, 406, "NOT_ACCEPTABLE", _("L’API répond en application/json.")),
    (
        exceptions.UnsupportedMediaType,
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        _("Envoyez un document JSON : Content-Type: application/json."),
    ),
    (RequestDataTooBig, 413, "BODY_TOO_LARGE", _("Cet envoi est trop volumineux.")),
    (exceptions.ParseError, 400, "BODY_NOT_JSON", _("Cet envoi n’est pas un document JSON.")),
    (exceptions.ValidationError, 422, "INVALID_ENTRY", _("La saisie est à corriger.")),
)


def problem_response(error: Exception, context: dict[str, Any]) -> Response:
    """Turn any exception of an API view into its problem document; a failure is logged without data."""
    response = _problem_of(error, context).response()
    if response.status_code == exceptions.AuthenticationFailed.status_code:
        challenge = getattr(error, "auth_header", None)
        response["WWW-Authenticate"] = challenge or 'Bearer realm="waraqa"'
    return response


def _problem_of(error: Exception, context: dict[str, Any]) -> Problem:
    if isinstance(error, DomainError):
        return _of_domain(error)
    if isinstance(error, EntryErrors):
        return _of_entry(error)
    if isinstance(error, NotPermitted | NotAuthenticated):
        return error.problem
    if isinstance(error, exceptions.Throttled):
        return _of_throttling(error)
    if isinstance(error, OperationalError):
        return _of_database(error)
    for kind, status, code, message in _FRAMEWORK:
        if isinstance(error, kind):
            return Problem(status, code, message)
    return _of_failure(error, context)


def _of_domain(error: DomainError) -> Problem:
    each = error.errors if isinstance(error, EntriesRefused) else [error]
    errors = [
        {
            "pointer": one.pointer,
            "code": one.code,
            "message": in_both_languages(one.message, one.context),
        }
        for one in each[:MAX_ERRORS]
        if one.pointer is not None
    ]
    return Problem(error.status, error.code, error.message, error.context, errors)


def _of_entry(error: EntryErrors) -> Problem:
    errors = [
        {"pointer": each.pointer, "code": each.code, "message": each.message}
        for each in error.errors[:MAX_ERRORS]
    ]
    return Problem(
        422,
        "INVALID_ENTRY",
        _("La saisie est à corriger, champs en erreur : %(count)s. Rien n’a été modifié."),
        {"count": len(error.errors)},
        errors,
    )


def _of_throttling(error: exceptions.Throttled) -> Problem:
    seconds = max(1, int(error.wait or 1))
    return Problem(
        429,
        "TOO_MANY_REQUESTS",
        _("Trop de demandes à la suite : réessayez dans %(seconds)s secondes."),
        {"seconds": seconds},
        headers={"Retry-After": str(seconds)},
    )


def _of_database(error: OperationalError) -> Problem:
    """The database is away, or gave up on this transaction: what was sent may be sent again."""
    log.error("the database did not answer", exc_info=error)
    return Problem(
        503,
        "DATABASE_UNAVAILABLE",
        _(
            "Le service est momentanément indisponible. Renvoyez le même document avec la même clé "
            "dans quelques secondes : il ne comptera qu’une fois."
        ),
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def _of_failure(error: Exception, context: dict[str, Any]) -> Problem:
    """The outermost edge: the trace goes to the log, the caller learns that nothing was written."""
    view = type(context.get("view")).__name__
    log.error("API view %s failed", view, exc_info=error)
    return Problem(
        SERVER_FAILED,
        "SERVER_FAILED",
        _("Une panne a interrompu l’opération. Renvoyez le même document avec la même clé."),
    )


def _in_active_language(message: Bilingual) -> str:
    return message["ar"] if (translation.get_language() or "").startswith("ar") else message["fr"]
