"""Addresses of statements."""

from django.urls import path

from payments.api.views import ListStatements, NextPaymentDay, ReadStatement, ReadStatements

urlpatterns = [
    path("statements", ListStatements.as_view(), name="statements"),
    path("statements/next", NextPaymentDay.as_view(), name="statements_next"),
    path("statements/document", ReadStatements.as_view(), name="statements_document"),
    path("statements/<uuid:order_id>/document", ReadStatement.as_view(), name="statement"),
]
