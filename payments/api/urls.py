"""Addresses of statements, and of corrections that touch money."""

from django.urls import path

from payments.api.corrections import AmendDispensing, ReverseDispensing
from payments.api.views import ListStatements, NextPaymentDay, ReadStatement, ReadStatements

urlpatterns = [
    path(
        "claims/<uuid:claim_id>/reversal", ReverseDispensing.as_view(), name="dispensing_reversal"
    ),
    path(
        "claims/<uuid:claim_id>/amendment",
        AmendDispensing.as_view(),
        name="dispensing_amendment",
    ),
    path("statements", ListStatements.as_view(), name="statements"),
    path("statements/next", NextPaymentDay.as_view(), name="statements_next"),
    path("statements/document", ReadStatements.as_view(), name="statements_document"),
    path("statements/<uuid:order_id>/document", ReadStatement.as_view(), name="statement"),
]
