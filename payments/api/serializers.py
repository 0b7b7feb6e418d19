"""Shapes of statements."""

from rest_framework import serializers

from core.api.outputs import CodedOutput, MoneyOutput
from core.api.serializers import Output
from prescriptions.api.serializers import PartyOutput


class StatementOutput(Output):
    """One transfer to a provider; its statement lists the claims it pays."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    batch = serializers.CharField()
    provider = PartyOutput()
    state = CodedOutput()
    amount = MoneyOutput()
    execution_date = serializers.DateField()
    answered_at = serializers.DateTimeField(allow_null=True)
    return_reason = serializers.CharField(allow_null=True)


class StatementsOutput(Output):
    """A page of statements, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = StatementOutput(many=True)


class PaymentDayOutput(Output):
    """A published day of payment, and in how many days it comes."""

    day = serializers.DateField()
    in_days = serializers.IntegerField()


class NextPaymentOutput(Output):
    """The next payment to providers, or null while the calendar says nothing."""

    next = PaymentDayOutput(allow_null=True)
