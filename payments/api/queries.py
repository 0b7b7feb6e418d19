"""Query parameters of lists of statements and of their papers."""

from core.api.fields import ConstantField, DayField, DirhamsField, FseNumberField
from core.api.queries import PageQuery
from core.api.serializers import Input
from payments.states import OrderState


class StatementFilters(Input):
    """Which statements: of the claim of a number, of an amount, of days of execution, in a state."""

    fse_number = FseNumberField(required=False)
    amount = DirhamsField(required=False)
    since = DayField(required=False)
    until = DayField(required=False)
    state = ConstantField(*OrderState.values, required=False)


class StatementsQuery(StatementFilters, PageQuery):
    """The same, page by page."""


class DocumentQuery(Input):
    """The paper's form."""

    format = ConstantField("pdf", "xlsx", required=False)
