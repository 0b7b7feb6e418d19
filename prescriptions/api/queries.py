"""Query parameters of medicines, acts and prescriptions."""

from typing import Any

from core.api.entries import FieldError
from core.api.fields import ConstantField, DayField, FseNumberField, TextField
from core.api.queries import PageQuery
from core.api.serializers import Input
from prescriptions.services import RELEASE_REASONS
from prescriptions.states import PrescriptionState
from providers.api.fields import InpeField

SHORTEST_SEARCH = 2


class SearchField(TextField):
    """What one looks for: two characters or more, so that an answer means something."""

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if len(text.strip()) < SHORTEST_SEARCH:
            raise FieldError("TOO_SHORT", limit=SHORTEST_SEARCH)
        return text


class DayQuery(Input):
    day = DayField(required=False)


class SearchQuery(DayQuery):
    q = SearchField(max_length=80)


class ProviderQuery(Input):
    provider = InpeField(required=False)


class FollowedFilters(ProviderQuery):
    """Which prescriptions of a practice: one number, in a state, written in some days."""

    fse_number = FseNumberField(required=False)
    state = ConstantField(*PrescriptionState.values, required=False)
    since = DayField(required=False)
    until = DayField(required=False)


class FollowedQuery(FollowedFilters, PageQuery):
    """The same, page by page."""


class ReleaseQuery(ProviderQuery):
    reason = ConstantField(*RELEASE_REASONS, required=False)
