"""/carnets/: one's own pads of paper sheets."""

from django.urls import path

from claims.views import pads

urlpatterns = [
    path("", pads.pads, name="pads"),
    path("demander/", pads.order, name="pad_order"),
    path("<uuid:pad_id>/carnet.pdf", pads.pdf, name="pad_pdf"),
    path("<uuid:pad_id>/perdu/", pads.lost, name="pad_lost"),
]
