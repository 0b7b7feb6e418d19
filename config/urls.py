"""Addresses of the whole site; each room owns its own."""

from django.urls import include, path

urlpatterns: list = []
