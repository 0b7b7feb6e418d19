"""Statements of the transfers made to a provider."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.queries import PageQuery
from core.api import queries
from core.api.actions import Action
from core.api.outputs import answers, problem
from core.api.pagination import NewestFirst
from payments import selectors, services
from payments.api import examples
from payments.api.outputs import statement_output
from payments.api.serializers import StatementsOutput
from payments.models import PaymentOrder
from payments.presenters import statement_pdf
from providers.api.permissions import Signs


class ListStatements(Action):
    permission_classes = [Signs]

    @extend_schema(
        operation_id="statements",
        summary=_("Virements reçus par l’appelant, les plus récents d’abord"),
        parameters=[
            queries.query_parameter("cursor", _("Page, reprise de « next » ou « previous ».")),
            queries.query_parameter("page_size", _("Lignes par page, 200 au plus.")),
        ],
        responses=answers(examples.STATEMENTS, StatementsOutput, refusals=(400, 422)),
    )
    def get(self, request: Request) -> Response:
        queries.read_query(PageQuery, request)
        pages = NewestFirst()
        page = pages.paginate_queryset(_orders_of(request), request, view=self)
        return pages.get_paginated_response([statement_output(order) for order in page])


class WhateverIsAccepted(BaseContentNegotiation):
    """The paper is a PDF and its refusals are problems, whatever the caller says it accepts."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]


class ReadStatement(Action):
    permission_classes = [Signs]
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="statement_document",
        summary=_("Le décompte d’un virement, en PDF ; la lecture est tracée"),
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="PDF"),
            **{(status, "application/problem+json"): problem(status) for status in (401, 403, 404)},
        },
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponse:
        if not _orders_of(request).filter(pk=order_id).exists():
            raise services.StatementUnknown
        order = services.open_statement(order_id=order_id, by=request.user, at=timezone.now())
        name = f'attachment; filename="decompte-{order.reference}.pdf"'
        return HttpResponse(
            statement_pdf(order),
            content_type="application/pdf",
            headers={"Content-Disposition": name},
        )


def _orders_of(request: Request) -> QuerySet[PaymentOrder]:
    """Orders the person may read, and among them those of the providers this caller acts for."""
    mine = [provider.pk for provider, _standing in request.auth.providers]
    return selectors.orders_visible_to(request.user, at=timezone.now()).filter(provider_id__in=mine)
