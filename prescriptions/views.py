"""The public page that checks a prescription."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from rest_framework.throttling import SimpleRateThrottle

from prescriptions.forms import VerifierForm
from prescriptions.presenters.verifier import public_answer


class StrangerThrottle(SimpleRateThrottle):
    """So many checks a minute from one address: enough for a person, too few to guess numbers."""

    scope = "verifier"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"throttle:{self.scope}:{request.META['REMOTE_ADDR']}"


@login_not_required
def verifier(request: HttpRequest) -> HttpResponse:
    """Say whether a code or a number is genuine; nothing of who or what."""
    form = VerifierForm(request.POST or None)
    answer = None
    if request.method == "POST":
        if not StrangerThrottle().allow_request(request, None):  # type: ignore[arg-type]
            return render(request, "429.html", status=429)
        if form.is_valid():
            answer = public_answer(form.cleaned_data["text"])
    return render(request, "public/verifier.html", {"form": form, "answer": answer})
