"""What every back-office list obeys: rights by role, nobody deletes, sensitive values are masked."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.forms import RangeWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import ModelChange, ModelChangeValue
from simple_history.template_utils import HistoricalRecordContextHelper
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminDateWidget

from accounts.models import Role
from core import audit
from core.languages import in_readers_letters
from core.money import display_dirhams, display_rate
from core.sealed_fields import SealedCharField, masked
from core.templatetags.waraqa import day as written_day
from core.templatetags.waraqa import moment as written_moment

Roles = frozenset[Role]
NOBODY: Roles = frozenset()


class RoleRights:
    """Rights of a page, said by role: the framework's own permissions are not asked."""

    view_roles: Roles = NOBODY
    change_roles: Roles = NOBODY
    add_roles: Roles = NOBODY

    def _is_one_of(self, request: HttpRequest, roles: Roles) -> bool:
        user: Any = request.user
        return bool(user.is_authenticated and user.is_active and user.role in roles)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._is_one_of(request, self.view_roles)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._is_one_of(request, self.view_roles)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._is_one_of(request, self.change_roles)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._is_one_of(request, self.add_roles)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PeriodWidget(RangeWidget):
    """Two days of a half-open period, each with a name of its own for who cannot see the page."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(UnfoldAdminDateWidget, attrs)
        names = (gettext_lazy("premier jour"), gettext_lazy("lendemain du dernier jour"))
        for widget, name in zip(self.widgets, names, strict=True):
            widget.attrs["aria-label"] = name


class OfficeAdmin(RoleRights, ModelAdmin):  # type: ignore[misc]
    """A list and its pages. `sealed` names fields shown masked to those who may not change them."""

    sealed: tuple[str, ...] = ()
    list_fullwidth = True
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    formfield_overrides = {
        DateRangeField: {"widget": PeriodWidget},
    }

    def get_urls(self) -> list[Any]:
        """The pages that have a name: Django's old unnamed address answers before it asks who."""
        return [address for address in super().get_urls() if address.name]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A list answers to its own filters: yes or no about a hidden field would spell its value."""
        name = lookup.partition("__")[0]
        if any(field.name == name for field in self.opts.fields):
            filters = [each for each in self.get_list_filter(request) if isinstance(each, str)]
            if not any(f"{lookup}__".startswith(f"{each}__") for each in filters):
                return False
        return bool(super().lookup_allowed(lookup, value, request))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The history of a row, for who may see the list: Django's looks for the row first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """No bulk action: the one Django brings is deletion, and nobody deletes."""
        return {}

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not self.sealed or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (title, {**options, "fields": [self._masked_name(name) for name in options["fields"]]})
            for title, options in fieldsets
        ]

    def _masked_name(self, name: Any) -> Any:
        return f"masked_{name}" if name in self.sealed else name

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        shown = [f"masked_{name}" for name in self.sealed]
        return [*super().get_readonly_fields(request, obj), *shown]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and record who changed which fields; sensitive values stay masked in the trail."""
        before = form_values(obj, form.changed_data, form.initial) if change else None
        super().save_model(request, obj, form, change)
        model = obj._meta.model_name
        audit.record(
            by=request.user,
            at=timezone.now(),
            action=f"{obj._meta.app_label}.{model}.{'changed' if change else 'added'}",
            subject=obj,
            insured_id=getattr(obj, "insured_id", None),
            before=before,
            after=form_values(obj, form.changed_data, form.cleaned_data),
        )


def form_values(obj: Model, names: Iterable[str], values: Any) -> dict[str, str]:
    """Named values of a form as text for the audit trail; sealed ones masked."""
    kept = {}
    for name in names:
        text = str(values.get(name, ""))
        field = obj._meta.get_field(name)
        kept[name] = masked(text) if isinstance(field, SealedCharField) else text
    return kept


class _MaskedHistory(HistoricalRecordContextHelper):
    """Differences between versions, with sensitive values masked."""

    def prepare_delta_change_value(self, change: ModelChange, value: ModelChangeValue) -> Any:
        if isinstance(self.model._meta.get_field(change.field), SealedCharField):
            return masked(str(value or ""))
        return super().prepare_delta_change_value(change, value)


class OfficeHistoryAdmin(SimpleHistoryAdmin, OfficeAdmin):  # type: ignore[misc]
    """The same, for what keeps its history: versions are read, never put back."""

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_historical_record_context_helper(
        self, request: HttpRequest, historical_record: Any
    ) -> HistoricalRecordContextHelper:
        return _MaskedHistory(self.model, historical_record)


class ReadOnlyInline(RoleRights, TabularInline):  # type: ignore[misc]
    """Rows of another table under a page: read, never edited there."""

    extra = 0
    hide_title = True
    show_change_link = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fields


Display = Callable[[Any, Any], Any]


def masked_field(name: str, label: Any) -> Display:
    """A column that shows a sensitive field with all but its last characters hidden."""

    @admin.display(description=label)
    def column(_admin: Any, obj: Any) -> str:
        return masked(getattr(obj, name) or "")

    return column


PERIOD = gettext_lazy("période")


def period_column(name: str = "period", label: Any = PERIOD) -> Display:
    """A column that writes a half-open period as people read it: the last day included."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, obj: Any) -> str:
        return written_period(getattr(obj, name))

    return column


def written_period(period: Any) -> str:
    """A half-open range of days in words, its last day included."""
    if period is None or period.lower is None:
        return ""
    first = f"{period.lower:%d/%m/%Y}"
    if period.upper is None:
        return _("depuis le %(first)s") % {"first": first}
    last: date = period.upper - timedelta(days=1)
    return _("du %(first)s au %(last)s") % {"first": first, "last": f"{last:%d/%m/%Y}"}


def amount_column(name: str, label: Any) -> Display:
    """A column of dirhams."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, obj: Any) -> SafeString | str:
        centimes = getattr(obj, name)
        if centimes is None:
            return ""
        return format_html(
            '<span class="nowrap"><bdi dir="ltr">{}</bdi> {}</span>',
            display_dirhams(centimes),
            _("DH"),
        )

    return column


def said_column(name: str, label: Any) -> Display:
    """A column said in the reader's language, heading and names: a relation, or a list of choices."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, obj: Any) -> str:
        shown = getattr(obj, f"get_{name}_display", None)
        value = shown() if shown else getattr(obj, name)
        return "" if value is None else in_readers_letters(value)

    return column


def rate_column(name: str, label: Any) -> Display:
    """A column of percentages."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, obj: Any) -> str:
        rate = getattr(obj, name)
        return "" if rate is None else display_rate(rate)

    return column


def day_column(name: str, label: Any) -> Display:
    """A column of days."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, obj: Any) -> SafeString | str:
        return written_day(getattr(obj, name))

    return column


def moment_column(name: str, label: Any) -> Display:
    """A column of instants, in local time."""

    @admin.display(description=label, ordering=name)
    def column(_admin: Any, obj: Any) -> SafeString | str:
        return written_moment(getattr(obj, name))

    return column
