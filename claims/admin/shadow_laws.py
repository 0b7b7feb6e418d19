"""Laws on trial: the list, the editor, the measure on its way, and what it found."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.decorators import display

from accounts.admin.office import OfficeAdmin, moment_column, said_column
from claims import services
from claims.forms import LawFileForm, MeasureForm, NewLawForm
from claims.models import ShadowLaw
from claims.permissions import LAW_READERS, LAW_ROLES, can_adopt, can_try_laws
from claims.presenters.law import law_texts, shown_files, shown_moves
from claims.presenters.replay import pace_of, report_workbook, shown_report
from claims.states import MEASURED_STATES, ShadowLawState
from core.errors import DomainError

STATE_COLOURS = {
    "DRAFT": "primary",
    "RUNNING": "warning",
    "PAUSED": "warning",
    "MEASURED": "info",
    "PROPOSED": "info",
    "ADOPTED": "success",
    "DROPPED": "danger",
}
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITABLE = (ShadowLawState.DRAFT, ShadowLawState.MEASURED)
MEASURING = (ShadowLawState.RUNNING, ShadowLawState.PAUSED)


@admin.register(ShadowLaw)
class ShadowLawAdmin(OfficeAdmin):
    """Candidate laws, and one at a time."""

    view_roles = LAW_READERS
    add_roles = LAW_ROLES
    list_display = ["name", "badge", "shown_author", "created", "effect"]
    list_display_links = ["name"]
    list_filter = ["state"]
    list_select_related = ["author"]
    search_fields = ["name"]
    ordering = ["-created_at"]
    list_before_template = "admin/claims/list_before.html"
    shown_author = said_column("author", gettext_lazy("auteur"))
    created = moment_column("created_at", gettext_lazy("créée le"))

    @display(description=gettext_lazy("état"), ordering="state", label=STATE_COLOURS)
    def badge(self, shadow: ShadowLaw) -> tuple[str, str]:
        return shadow.state, shadow.get_state_display()

    @display(description=gettext_lazy("décisions différentes"))
    def effect(self, shadow: ShadowLaw) -> str:
        return str(shadow.report["changed"]) if shadow.state in MEASURED_STATES else ""

    def get_urls(self) -> list[Any]:
        """One law's deeds, by POST only, its measure on the way and its two files."""
        deeds: dict[str, Callable[..., Any]] = {
            "ecrire": self._write,
            "mesurer": self._measure,
            "suspendre": _plain(services.pause_measure),
            "reprendre": _plain(services.resume_measure),
            "arreter": _plain(services.cancel_measure),
            "proposer": _plain(services.propose_law),
            "adopter": _plain(services.adopt_law),
            "abandonner": self._drop,
        }
        pages = {"avancement": self._progress, "tableau": self._workbook, "fichiers": self._files}
        views = {name: require_POST(self._done(deed)) for name, deed in deeds.items()} | pages
        return [
            path(
                f"<uuid:law_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"claims_shadowlaw_{name}",
            )
            for name, view in views.items()
        ] + super().get_urls()

    def add_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The editor of a new candidate; a refusal keeps what was written."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        texts = law_texts()
        file = request.GET.get("fichier", "")
        form = NewLawForm(
            request.POST or None,
            request.FILES or None,
            initial={"file": file, "text": texts.get(file, "")},
        )
        refusal = None
        if form.is_valid():
            entry = form.cleaned_data
            try:
                shadow = services.draft_law(
                    name=entry["name"],
                    files={entry["file"]: entry["text"]},
                    by=request.user,
                    at=timezone.now(),
                )
            except DomainError as error:
                refusal = error
            else:
                messages.success(request, _("Loi à l’essai enregistrée."))
                return redirect(self._address(shadow))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Essayer une loi"),
            "form": form,
            "files": sorted(texts),
            "refusal": refusal.text() if refusal else "",
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/claims/new_law.html", context, status=status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One candidate: its files, its measure, what may be done now."""
        return self._page(request, object_id)

    def _page(
        self,
        request: HttpRequest,
        law_id: Any,
        *,
        refusal: DomainError | None = None,
        form: LawFileForm | None = None,
    ) -> HttpResponse:
        shadow, user = self._law(request, law_id), request.user
        tries = can_try_laws(user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": shadow.name,
            "law": shadow,
            "pace": pace_of(shadow),
            "moves": shown_moves(shadow),
            "law_files": shown_files(shadow.files),
            "report": shown_report(shadow.report) if shadow.state in MEASURED_STATES else None,
            "files": sorted(law_texts()),
            "form": form or LawFileForm(initial=_first_file(shadow)),
            "measure": MeasureForm(initial={"since": shadow.since, "until": shadow.until}),
            "is_measuring": shadow.state in MEASURING,
            "can_write": tries and shadow.state in WRITABLE,
            "can_steer": tries,
            "can_propose": tries and shadow.state == ShadowLawState.MEASURED,
            "can_adopt": shadow.state == ShadowLawState.PROPOSED and can_adopt(user, shadow),
            "is_waiting": shadow.state == ShadowLawState.PROPOSED,
            "can_drop": tries and shadow.state in (*WRITABLE, ShadowLawState.PROPOSED),
            "refusal": refusal.text() if refusal else "",
        }
        status = refusal.status if refusal else 200
        return TemplateResponse(request, "admin/claims/shadow_law.html", context, status=status)

    def _law(self, request: HttpRequest, law_id: Any) -> ShadowLaw:
        if not self.has_view_permission(request):
            raise PermissionDenied
        shadow = self.get_object(request, str(law_id))
        if shadow is None:
            raise Http404
        return shadow

    def _address(self, shadow: ShadowLaw) -> str:
        return reverse("admin:claims_shadowlaw_change", args=[shadow.pk])

    def _done(self, deed: Callable[..., Any]) -> Callable[..., HttpResponse]:
        """A view that does one deed: the page again, or the page with the exact refusal."""

        def view(request: HttpRequest, law_id: Any) -> HttpResponse:
            shadow = self._law(request, law_id)
            try:
                answer = deed(request, shadow)
            except DomainError as refusal:
                form = getattr(request, "law_form", None)
                return self._page(request, law_id, refusal=refusal, form=form)
            return answer or redirect(self._address(shadow))

        return view

    def _write(self, request: Any, shadow: ShadowLaw) -> HttpResponse | None:
        if "retirer" in request.POST:
            file, text = request.POST["retirer"], ""
        else:
            form = request.law_form = LawFileForm(request.POST, request.FILES)
            if not form.is_valid():
                return self._page(request, shadow.pk, form=form)
            file, text = form.cleaned_data["file"], form.cleaned_data["text"]
        services.write_law_file(
            shadow=shadow, file=file, text=text, by=request.user, at=timezone.now()
        )
        return None

    def _measure(self, request: HttpRequest, shadow: ShadowLaw) -> None:
        form = MeasureForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Donnez le premier jour des décisions à juger."))
            return
        services.start_measure(
            shadow=shadow, **form.cleaned_data, by=request.user, at=timezone.now()
        )

    def _drop(self, request: HttpRequest, shadow: ShadowLaw) -> None:
        reason = request.POST.get("reason", "")
        services.drop_law(shadow=shadow, reason=reason, by=request.user, at=timezone.now())

    def _progress(self, request: HttpRequest, law_id: Any) -> HttpResponse:
        """The measure as it stands; when it runs no more, the whole page is asked again."""
        shadow = self._law(request, law_id)
        context = {
            "law": shadow,
            "pace": pace_of(shadow),
            "can_steer": can_try_laws(request.user),
        }
        answer = TemplateResponse(request, "admin/claims/_measure.html", context)
        if shadow.state != ShadowLawState.RUNNING:
            answer["HX-Refresh"] = "true"
        return answer

    def _workbook(self, request: HttpRequest, law_id: Any) -> HttpResponse:
        """The report as an Excel file."""
        shadow = self._law(request, law_id)
        if shadow.state not in MEASURED_STATES:
            raise Http404
        return _download(report_workbook(shadow), EXCEL, f"{_name(shadow)}.xlsx")

    def _files(self, request: HttpRequest, law_id: Any) -> HttpResponse:
        """The candidate's files, to put under legislation/ by a reviewed change."""
        shadow, buffer = self._law(request, law_id), io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in sorted(shadow.files.items()):
                archive.writestr(f"legislation/{name}", text)
        return _download(buffer.getvalue(), "application/zip", f"{_name(shadow)}.zip")


def _plain(service: Callable[..., None]) -> Callable[..., None]:
    """A deed that asks for nothing but who and when."""

    def deed(request: HttpRequest, shadow: ShadowLaw) -> None:
        service(shadow=shadow, by=request.user, at=timezone.now())

    return deed


def _first_file(shadow: ShadowLaw) -> dict[str, str]:
    name, text = min(shadow.files.items())
    return {"file": name, "text": text}


def _name(shadow: ShadowLaw) -> str:
    return slugify(shadow.name) or str(shadow.pk)


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
