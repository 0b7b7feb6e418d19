"""Addresses of statements."""

from django.urls import path

from payments.api.views import ListStatements

urlpatterns = [
    path("statements", ListStatements.as_view(), name="statements"),
]
