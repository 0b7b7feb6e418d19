"""The page of one record that an officer reads: GET only, for who sees the list, the reading audited."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from accounts.admin.gestures import GesturesAdmin
from core import audit


class ReadAdmin(GesturesAdmin):
    """A list whose records have a page of their own, with what may be decided of them."""

    page = ""
    # Empty where the record is about nobody.
    read_action = ""

    def whole(self, found: Any) -> Any:
        """Return the record with what its page shows, or None."""
        return found

    def told(self, request: HttpRequest, record: Any) -> dict[str, Any]:
        """Return what the page says of the record: its title, and more in the heirs."""
        return {"title": str(record)}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show one record. Raises PermissionDenied, Http404."""
        if not self.has_view_permission(request) or request.method != "GET":
            raise PermissionDenied
        found = self.get_object(request, object_id)
        record = self.whole(found) if found else None
        if record is None:
            raise Http404
        if self.read_action:
            audit.record(
                by=request.user,
                at=timezone.now(),
                action=self.read_action,
                subject=record,
                insured_id=record.insured_id,
            )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "gestures": self.offered(request, record),
            **self.told(request, record),
        }
        return TemplateResponse(request, self.page, context)
