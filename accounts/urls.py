"""Addresses of the accounts room."""

from django.urls import path

from accounts import views

urlpatterns = [path("activation/", views.activation, name="activation")]
