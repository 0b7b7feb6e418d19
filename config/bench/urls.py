"""Addresses under the bench: the site's, and the bare request."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from config.bench.posting import BARE, SELECT_ONE
from core.record_keys import new_key

TABLE = "CREATE TABLE IF NOT EXISTS bench_bare (id uuid PRIMARY KEY, note text NOT NULL)"


def bare(request: HttpRequest) -> HttpResponse:
    """Insert one row and commit."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_bare VALUES (%s, %s)", [new_key(), "bare"])
    return HttpResponse(b"{}", status=201, content_type="application/json")


def select(request: HttpRequest) -> HttpResponse:
    """Ask the database for one number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return HttpResponse(b"{}", content_type="application/json")


urlpatterns = [
    path(BARE, bare),
    path(SELECT_ONE, select),
    path("bench/select", select),
    path("", include("config.urls")),
]
