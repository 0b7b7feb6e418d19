"""Query parameters of lists of claims and of acts."""

from claims.states import ClaimState
from core.api.fields import ConstantField, DayField, FseNumberField, TextField
from core.api.queries import PageQuery
from prescriptions.api.queries import DayQuery
from providers.api.fields import InpeField


class ActSearchQuery(DayQuery):
    q = TextField(max_length=80)  # C and V are whole codes: one letter is enough
    provider = InpeField(required=False)


class ClaimsQuery(PageQuery):
    fse_number = FseNumberField(required=False)
    state = ConstantField(*ClaimState.values, required=False)
    day = DayField(required=False)
