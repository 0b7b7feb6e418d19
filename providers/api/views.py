"""The session, and the devices that sign."""

from datetime import datetime

from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Role
from core.api import examples
from core.api.actions import Action, Answer
from core.api.headers import IDEMPOTENCY_KEY
from core.api.outputs import answers
from core.api.serializers import read
from core.errors import DomainError
from core.languages import in_both_languages
from providers import selectors, services
from providers.api.permissions import GivesCare, Signs
from providers.api.serializers import (
    DeviceOutput,
    EnrolmentInput,
    RevocationInput,
    SessionOutput,
)
from providers.presenters import acting_provider_output, device_output
from providers.states import DeviceState

DEVICE_EXAMPLE = {
    "kid": examples.KID,
    "prefix": "7Q4KD",
    "label": "Poste du cabinet",
    "provider": examples.DOCTOR["inpe"],
    "state": "ACTIVE",
    "enrolled_at": "2026-11-20T09:12:04+01:00",
}
SESSION_EXAMPLE = {
    "user": {
        "id": "01935b6a-0000-7000-8000-000000000001",
        "full_name": "Salma Bennis",
        "role": "PRESCRIBER",
        "role_label": {"fr": "médecin", "ar": "طبيب"},
        "language": "fr",
    },
    "providers": [
        {
            **examples.DOCTOR,
            "kind": {"code": "DOCTOR", "label": {"fr": "médecin", "ar": "طبيب"}},
            "speciality": "médecine générale",
            "sector": "PRIVATE",
            "standing": "SIGNATORY",
        }
    ],
    "devices": [DEVICE_EXAMPLE],
    "now": "2026-11-20T09:12:04+01:00",
}


class DeviceNotFound(DomainError):
    """The caller has no such device."""

    code = "DEVICE_NOT_FOUND"
    status = 404
    message = _("Aucun de vos postes ne porte cette clé.")


class ReadSession(Action):
    permission_classes = [GivesCare]

    @extend_schema(
        operation_id="session",
        summary=_("Qui appelle, pour qui, avec quels postes"),
        responses=answers(SESSION_EXAMPLE, SessionOutput),
    )
    def get(self, request: Request) -> Response:
        user = request.user
        get_token(request._request)  # who lost the cookie of their page finds it again here
        devices = selectors.devices_of(user).filter(state=DeviceState.ACTIVE)
        return Response(
            {
                "user": {
                    "id": str(user.pk),
                    "full_name": user.full_name,
                    "role": user.role,
                    "role_label": in_both_languages(Role(user.role).label),
                    "language": user.language,
                },
                "providers": [acting_provider_output(*each) for each in request.auth.providers],
                "devices": [device_output(device) for device in devices],
                "now": localtime(timezone.now()).isoformat(timespec="seconds"),
            }
        )


class EnrolDevice(Action):
    permission_classes = [Signs]

    @extend_schema(
        operation_id="enrol_device",
        summary=_("Inscrire la clé publique d’un poste"),
        parameters=[IDEMPOTENCY_KEY],
        request=EnrolmentInput,
        responses=answers(DEVICE_EXAMPLE, DeviceOutput, status=201, refusals=(400, 422)),
    )
    def post(self, request: Request) -> Response:
        entry = read(EnrolmentInput, request.data)
        provider = request.auth.signing_for(entry["provider"], pointer="/provider")

        def enrol(at: datetime) -> Answer:
            device = services.enrol_device(
                provider=provider,
                label=entry["label"],
                public_jwk=entry["public_jwk"],
                by=request.user,
                at=at,
            )
            return 201, device_output(device)

        return self.once(request, enrol)


class RevokeDevice(Action):
    permission_classes = [Signs]

    @extend_schema(
        operation_id="revoke_device",
        summary=_("Révoquer un poste : ce qu’il a signé reste valable"),
        parameters=[IDEMPOTENCY_KEY],
        request=RevocationInput,
        responses=answers(
            {**DEVICE_EXAMPLE, "state": "REVOKED"}, DeviceOutput, refusals=(400, 404, 409, 422)
        ),
    )
    def post(self, request: Request, kid: str) -> Response:
        read(RevocationInput, request.data)
        mine = selectors.devices_of(request.user)
        device = mine.filter(kid=kid).first() if kid.isprintable() else None
        if device is None or not request.auth.acts_for(device.provider):
            raise DeviceNotFound

        def revoke(at: datetime) -> Answer:
            services.revoke_device(device=device, by=request.user, at=at)
            return 200, device_output(device)

        return self.once(request, revoke)
