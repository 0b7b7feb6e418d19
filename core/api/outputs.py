"""Shapes that answers share, for the OpenAPI document; presenters fill them."""

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from core.api.serializers import Output


class BilingualOutput(Output):
    """A sentence or a label in both languages."""

    fr = serializers.CharField()
    ar = serializers.CharField()


class ProblemErrorOutput(Output):
    """One error of a request: where (JSON pointer into the body), which, in words."""

    pointer = serializers.CharField()
    code = serializers.CharField()
    message = BilingualOutput()


class ProblemOutput(Output):
    """A refusal (RFC 9457). Nothing was written."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = ProblemErrorOutput(many=True)
    message = BilingualOutput()


class CodedOutput(Output):
    """A code and its label."""

    code = serializers.CharField()
    label = BilingualOutput()


MoneyOutput = serializers.CharField  # dirhams with two decimals, "45.20"

_PROBLEM_EXAMPLES = {
    400: ("IDEMPOTENCY_KEY_MISSING", "Envoi illisible", "Ajoutez l’en-tête Idempotency-Key."),
    401: ("SIGNED_OUT", "Connexion nécessaire", "Votre session a expiré : reconnectez-vous."),
    403: ("ROLE_REFUSED", "Accès refusé", "Cette opération n’est pas ouverte à ce rôle."),
    404: ("NOT_FOUND", "Introuvable", "Rien ne se trouve à cette adresse."),
    409: ("PRESCRIPTION_HELD", "Opération impossible", "Cette ordonnance est ouverte ailleurs."),
    413: ("BODY_TOO_LARGE", "Envoi trop volumineux", "Cet envoi est trop volumineux."),
    422: ("INVALID_ENTRY", "Saisie à corriger", "La saisie est à corriger, champs en erreur : 1."),
    429: ("TOO_MANY_REQUESTS", "Trop de demandes", "Réessayez dans 12 secondes."),
}
_ARABIC = {
    400: "أضف الترويسة Idempotency-Key.",
    401: "انتهت جلستك: سجل الدخول من جديد.",
    403: "هذه العملية غير متاحة لهذا الدور.",
    404: "لا يوجد شيء في هذا العنوان.",
    409: "هذه الوصفة مفتوحة في مكان آخر.",
    413: "حجم هذا الإرسال كبير جدا.",
    422: "يجب تصحيح المدخلات، عدد الحقول الخاطئة: 1.",
    429: "أعد المحاولة بعد 12 ثانية.",
}
_ENTRY_ERROR = {
    "pointer": "/document/lines/0/charged",
    "code": "AMOUNT_NOT_POSITIVE",
    "message": {
        "fr": "Le montant doit être plus grand que zéro.",
        "ar": "يجب أن يكون المبلغ أكبر من الصفر.",
    },
}


def problem(status: int) -> OpenApiResponse:
    """Return the documented problem answer of a status, with an example."""
    code, title, french = _PROBLEM_EXAMPLES[status]
    value = {
        "type": f"urn:waraqa:problem:{code}",
        "title": title,
        "status": status,
        "detail": french,
        "code": code,
        "errors": [_ENTRY_ERROR] if code == "INVALID_ENTRY" else [],
        "message": {"fr": french, "ar": _ARABIC[status]},
    }
    example = OpenApiExample(code, value=value, response_only=True, status_codes=[str(status)])
    return OpenApiResponse(ProblemOutput, description=title, examples=[example])


def answers(
    example: object, shape: object, *, status: int = 200, refusals: tuple[int, ...] = ()
) -> dict[object, OpenApiResponse]:
    """Return the documented answers of an action: the good one with its example, then the problems."""
    good = OpenApiResponse(
        shape,
        description="",
        examples=[
            OpenApiExample("exemple", value=example, response_only=True, status_codes=[str(status)])
        ],
    )
    problems = {
        (each, "application/problem+json"): problem(each) for each in sorted({401, 403, *refusals})
    }
    return {(status, "application/json"): good, **problems}
