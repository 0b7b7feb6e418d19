"""Statements of the transfers made to a provider."""

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from claims.api.queries import PageQuery
from core.api import queries
from core.api.actions import Action
from core.api.outputs import answers
from core.api.pagination import NewestFirst
from payments import selectors
from payments.api import examples
from payments.api.outputs import statement_output
from payments.api.serializers import StatementsOutput
from payments.models import PaymentOrder
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


def _orders_of(request: Request) -> QuerySet[PaymentOrder]:
    """Orders the person may read, and among them those of the providers this caller acts for."""
    mine = [provider.pk for provider, _standing in request.auth.providers]
    return selectors.orders_visible_to(request.user, at=timezone.now()).filter(provider_id__in=mine)
