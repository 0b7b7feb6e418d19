"""Lists by cursor, newest first: a page never shifts while new rows arrive."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination

from core.errors import DomainError

MAX_PAGE_SIZE = 200


class CursorUnknown(DomainError):
    """The cursor was not given by this API, or was cut."""

    code = "CURSOR_UNKNOWN"
    status = 400
    message = _("Ce curseur de page est inconnu : suivez les liens « next » et « previous ».")


class NewestFirst(CursorPagination):
    """Pages ordered by key (UUIDv7: the time of creation), `?page_size=` up to 200."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = MAX_PAGE_SIZE

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (exceptions.NotFound, ValueError, DjangoValidationError):
            raise CursorUnknown from None
