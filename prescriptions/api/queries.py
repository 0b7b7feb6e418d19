"""Query parameters of medicines, acts and prescriptions."""

from typing import Any

from core.api.entries import FieldError
from core.api.fields import ConstantField, DayField, TextField
from core.api.serializers import Input
from prescriptions.services import RELEASE_REASONS
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


class ReleaseQuery(ProviderQuery):
    reason = ConstantField(*RELEASE_REASONS, required=False)
