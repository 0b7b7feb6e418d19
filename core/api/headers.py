"""Headers of requests, for the OpenAPI document."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter

IDEMPOTENCY_KEY = OpenApiParameter(
    name="Idempotency-Key",
    type=str,
    location=OpenApiParameter.HEADER,
    required=True,
    description=_(
        "8 à 80 caractères sans espace, nouveaux pour chaque opération. La même clé et le même envoi "
        "donnent la même réponse, avec Idempotent-Replayed: true ; un autre envoi donne 422."
    ),
)
