"""What became of the prescriptions of a practice, and its register of narcotics."""

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import audit
from core.api import queries
from core.api.actions import Action, WhateverIsAccepted
from core.api.outputs import CodedOutput, answers, problem
from core.api.pagination import NewestFirst
from core.api.serializers import Json, Output
from core.workbook import XLSX
from prescriptions.api import examples
from prescriptions.api.queries import FollowedFilters, FollowedQuery, ProviderQuery
from prescriptions.api.serializers import HolderOutput, PartyOutput, PatientOutput
from prescriptions.models import Prescription
from prescriptions.presenters.followed import entry_output, followed_output, followed_xlsx
from prescriptions.selectors import writing
from providers.api.permissions import WritesPrescriptions
from providers.models import Provider

PROVIDER = queries.query_parameter("provider", _("INPE du cabinet."))
FILTERS = [
    PROVIDER,
    queries.query_parameter("fse_number", _("Celle d’un numéro.")),
    queries.query_parameter("state", _("Celles dans un état.")),
    queries.query_parameter("since", _("Écrites depuis ce jour.")),
    queries.query_parameter("until", _("Écrites jusqu’à ce jour.")),
]
CHUNK = 500


class HandedOutput(Output):
    """Boxes handed over; `replaced` when it is not the presentation prescribed."""

    label = serializers.CharField()
    boxes = serializers.IntegerField()
    replaced = serializers.BooleanField()
    pharmacy = PartyOutput()
    day = serializers.DateField()


class FollowedLineOutput(Output):
    """One line: its state, why it was refused if it was, and what was handed over."""

    position = serializers.IntegerField()
    label = serializers.CharField()
    state = CodedOutput()
    refusal = CodedOutput(allow_null=True)
    boxes = serializers.IntegerField()
    boxes_dispensed = serializers.IntegerField()
    handed = HandedOutput(many=True)


class FollowedOutput(Output):
    """One prescription, or one instance of a repeated one."""

    fse_number = serializers.CharField()
    instance = serializers.IntegerField()
    instances = serializers.IntegerField()
    written_on = serializers.DateField()
    state = CodedOutput()
    patient = PatientOutput()
    held_by = HolderOutput(allow_null=True)
    lines = FollowedLineOutput(many=True)


class FollowedListOutput(Output):
    """One page of the prescriptions of a practice, newest first."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = FollowedOutput(many=True)


class EntryOutput(Output):
    """One line of the register of narcotics."""

    number = serializers.IntegerField()
    written_on = serializers.DateField()
    fse_number = serializers.CharField()
    patient = PatientOutput()
    label = serializers.CharField()
    days = serializers.IntegerField()
    boxes = serializers.IntegerField()


class RegisterOutput(Output):
    """The register, in the order of its numbers."""

    results = EntryOutput(many=True)


class FollowPrescriptions(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="followed_prescriptions",
        summary=_("Ce que sont devenues les ordonnances du cabinet, les plus récentes d’abord"),
        parameters=[*FILTERS, *queries.PAGE],
        responses=answers(examples.FOLLOWED, FollowedListOutput, refusals=(400, 422)),
    )
    def get(self, request: Request) -> Response:
        _provider, followed = _followed(request, queries.read_query(FollowedQuery, request))
        pages = NewestFirst()
        page = pages.paginate_queryset(followed, request, view=self)
        at = timezone.now()
        return pages.get_paginated_response([followed_output(each, at=at) for each in page])


class ExportPrescriptions(Action):
    permission_classes = [WritesPrescriptions]
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="followed_prescriptions_document",
        summary=_("Les mêmes ordonnances dans un fichier Excel ; la lecture est tracée"),
        parameters=FILTERS,
        responses={
            (200, XLSX): OpenApiResponse(OpenApiTypes.BINARY, description="Excel"),
            **{(each, "application/problem+json"): problem(each) for each in (401, 403, 422)},
        },
    )
    def get(self, request: Request) -> FileResponse:
        asked = queries.read_query(FollowedFilters, request)
        provider, followed = _followed(request, asked)
        at = timezone.now()
        audit.record(
            by=request.user,
            at=at,
            action="prescriptions.followed.exported",
            subject=provider,
            after={name: str(value) for name, value in asked.items()},
        )
        content = followed_xlsx(followed.iterator(chunk_size=CHUNK), at=at)
        return FileResponse(
            content, as_attachment=True, filename="ordonnances.xlsx", content_type=XLSX
        )


class ReadNarcoticRegister(Action):
    permission_classes = [WritesPrescriptions]

    @extend_schema(
        operation_id="narcotic_register",
        summary=_("Le registre des stupéfiants du cabinet ; la lecture est tracée"),
        parameters=[PROVIDER],
        responses=answers(examples.REGISTER, RegisterOutput, refusals=(422,)),
    )
    def get(self, request: Request) -> Response:
        query = queries.read_query(ProviderQuery, request)
        provider = request.auth.acting_for(query.get("provider"), pointer="/provider")
        register = list(writing.narcotic_register(provider))
        audit.record(
            by=request.user,
            at=timezone.now(),
            action="prescriptions.narcotic_register.read",
            subject=provider,
            after={"entries": len(register)},
        )
        return Response({"results": [entry_output(each) for each in register]})


def _followed(request: Request, asked: Json) -> tuple[Provider, QuerySet[Prescription]]:
    """The practice that this caller acts for, and its prescriptions as asked."""
    provider = request.auth.acting_for(asked.get("provider"), pointer="/provider")
    names = FollowedFilters().fields.keys() - {"provider"}
    filters = {name: value for name, value in asked.items() if name in names}
    return provider, writing.followed_prescriptions(provider, **filters)
