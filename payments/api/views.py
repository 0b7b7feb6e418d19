"""Statements of the transfers made to a provider."""

from io import BytesIO
from typing import Any, BinaryIO
from uuid import UUID

from django.db.models import QuerySet
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import queries
from core.api.actions import Action, WhateverIsAccepted
from core.api.outputs import answers, problem
from core.api.pagination import NewestFirst
from core.workbook import XLSX
from payments import selectors, services
from payments.api import examples
from payments.api.outputs import statement_output
from payments.api.queries import DocumentQuery, StatementFilters, StatementsQuery
from payments.api.serializers import NextPaymentOutput, StatementsOutput
from payments.models import PaymentOrder
from payments.presenters import statement_pdf, statement_xlsx, statements_xlsx
from payments.rules import PayeeKind
from payments.selectors.payment_days import next_payment
from providers.api.permissions import Signs

FILTERS = [
    queries.query_parameter("fse_number", _("Ceux qui règlent une feuille.")),
    queries.query_parameter(
        "amount", _("Ceux de ce montant, ou qui règlent un dossier de ce montant.")
    ),
    queries.query_parameter("since", _("Ceux exécutés ce jour-là ou après.")),
    queries.query_parameter("until", _("Ceux exécutés ce jour-là ou avant.")),
    queries.query_parameter("state", _("Ceux dans un état.")),
]


REFUSALS = {
    (status, "application/problem+json"): problem(status) for status in (400, 401, 403, 404, 422)
}


class ListStatements(Action):
    permission_classes = [Signs]

    @extend_schema(
        operation_id="statements",
        summary=_("Virements reçus par l’appelant, les plus récents d’abord"),
        parameters=[
            *FILTERS,
            *queries.PAGE,
        ],
        responses=answers(examples.STATEMENTS, StatementsOutput, refusals=(400, 422)),
    )
    def get(self, request: Request) -> Response:
        asked = queries.read_query(StatementsQuery, request)
        pages = NewestFirst()
        page = pages.paginate_queryset(_orders_of(request, asked), request, view=self)
        return pages.get_paginated_response([statement_output(order) for order in page])


class NextPaymentDay(Action):
    permission_classes = [Signs]

    @extend_schema(
        operation_id="statements_next",
        summary=_("Prochain jour de paiement des professionnels, selon le calendrier publié"),
        responses=answers(examples.NEXT_PAYMENT, NextPaymentOutput),
    )
    def get(self, request: Request) -> Response:
        coming = next_payment(PayeeKind.PROVIDER, at=timezone.now())
        day = {"day": coming.day.isoformat(), "in_days": coming.in_days} if coming else None
        return Response({"next": day})


class ReadStatement(Action):
    permission_classes = [Signs]
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="statement_document",
        summary=_(
            "Le décompte d’un virement, ligne par ligne, en PDF ou en Excel ; la lecture est tracée"
        ),
        parameters=[queries.query_parameter("format", _("« pdf », ou « xlsx »."))],
        responses={
            (200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="PDF"),
            (200, XLSX): OpenApiResponse(OpenApiTypes.BINARY, description="Excel"),
            **REFUSALS,
        },
    )
    def get(self, request: Request, order_id: UUID) -> HttpResponseBase:
        asked = queries.read_query(DocumentQuery, request)
        if not _orders_of(request, {}).filter(pk=order_id).exists():
            raise services.StatementUnknown
        order = services.open_statement(order_id=order_id, by=request.user, at=timezone.now())
        name = f"decompte-{order.reference}"
        if asked.get("format") == "xlsx":
            return _download(statement_xlsx(order), f"{name}.xlsx", XLSX)
        return _download(BytesIO(statement_pdf(order)), f"{name}.pdf", "application/pdf")


class ReadStatements(Action):
    permission_classes = [Signs]
    content_negotiation_class = WhateverIsAccepted

    @extend_schema(
        operation_id="statements_document",
        summary=_("Tous les décomptes demandés dans un seul fichier Excel ; la lecture est tracée"),
        parameters=FILTERS,
        responses={
            (200, XLSX): OpenApiResponse(OpenApiTypes.BINARY, description="Excel"),
            **REFUSALS,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        asked = queries.read_query(StatementFilters, request)
        orders, at = _orders_of(request, asked), timezone.now()
        services.open_statements(orders=orders, by=request.user, at=at)
        return _download(statements_xlsx(orders, at=at), "decomptes.xlsx", XLSX)


def _download(content: BinaryIO, name: str, content_type: str) -> FileResponse:
    return FileResponse(content, as_attachment=True, filename=name, content_type=content_type)


def _orders_of(request: Request, asked: dict[str, Any]) -> QuerySet[PaymentOrder]:
    """Orders the person may read of the providers this caller acts for, as asked."""
    mine = [provider.pk for provider, _standing in request.auth.providers]
    orders = selectors.orders_visible_to(request.user, at=timezone.now())
    filters = {name: value for name, value in asked.items() if name in StatementFilters().fields}
    return selectors.search_orders(orders.filter(provider_id__in=mine), **filters)
