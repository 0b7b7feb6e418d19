"""Reading query parameters with the same fields as bodies: wrong ones are refused, not ignored."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from core.api.entries import EntryErrors
from core.api.fields import TextField
from core.api.parsers import unreadable_texts
from core.api.serializers import Input, Json, read


def read_query(shape: type[Input], request: Request) -> Json:
    """Return the query parameters of this shape. Raises EntryErrors; unknown parameters are refused."""
    values = dict(request.query_params.items())
    if errors := unreadable_texts(values):
        raise EntryErrors(errors)
    return read(shape, values)


LONGEST_CURSOR = 500


class PageQuery(Input):
    """Which page of a list: the cursor of the page before, and how many lines."""

    cursor = TextField(max_length=LONGEST_CURSOR, required=False)
    page_size = TextField(max_length=3, required=False)


def query_parameter(name: str, description: Any, *, required: bool = False) -> OpenApiParameter:
    """Return the documentation of a query parameter."""
    return OpenApiParameter(name, str, required=required, description=description)


DAY = query_parameter("day", _("Jour des prix et des tarifs, aujourd’hui sinon."))
SEARCH = query_parameter("q", _("Ce que l’on cherche, deux caractères au moins."), required=True)
PAGE = (
    query_parameter("cursor", _("Page, reprise de « next » ou « previous ».")),
    query_parameter("page_size", _("Lignes par page, 200 au plus.")),
)
