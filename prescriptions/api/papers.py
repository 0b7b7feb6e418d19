"""The paper of a prescription."""

from io import BytesIO

from django.http import FileResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from core import clock
from core.api import queries
from core.api.actions import Action, WhateverIsAccepted
from core.api.outputs import problem
from core.numbers import is_fse_number, normalise_number
from prescriptions import services
from prescriptions.api.queries import ProviderQuery
from prescriptions.api.views import PROVIDER
from prescriptions.presenters.paper import paper_pdf
from providers.api.permissions import ReadsPrescriptions

PDF = "application/pdf"


class ReadPaper(Action):
    permission_classes = [ReadsPrescriptions]
    throttle_scope = "prescription-lookups"
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="prescription_paper",
        summary=_("Le papier A5 d’une ordonnance, scellé ; la lecture est tracée"),
        parameters=[PROVIDER],
        responses={
            (200, PDF): OpenApiResponse(OpenApiTypes.BINARY, description="PDF"),
            **{
                (each, "application/problem+json"): problem(each)
                for each in (401, 403, 404, 422, 429)
            },
        },
    )
    def get(self, request: Request, fse_number: str) -> FileResponse:
        query = queries.read_query(ProviderQuery, request)
        provider = request.auth.acting_for(query.get("provider"), pointer="/provider")
        at = clock.now()
        number = normalise_number(fse_number)
        if not is_fse_number(number):
            raise services.PrescriptionNotFound
        prescription = services.read_prescription(
            fse_number=number, provider=provider, by=request.user, at=at
        )
        pdf = paper_pdf(prescription, on=localdate(at))
        name = f"ordonnance-{prescription.fse_number}.pdf"
        return FileResponse(BytesIO(pdf), filename=name, content_type=PDF)
