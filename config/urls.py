"""Addresses of the whole site; each room owns its own."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from config import webapp
from config.views import gallery, home, landing
from payments.urls import account_patterns, debt_patterns

urlpatterns = [
    path("", landing, name="landing"),
    path("accueil/", home, name="home"),
    path("langue/", login_not_required(set_language), name="set_language"),
    path("compte/", include("accounts.urls")),
    path("compte/", include("allauth.account.urls")),
    path("compte/second-facteur/", include("allauth.mfa.urls")),
    path("postes/hors-ligne/", include("sync.urls")),
    path("postes/", include("providers.urls")),
    path("sommes-a-rendre/", include((debt_patterns, "debts"))),
    path("compte-bancaire/", include((account_patterns("payee"), "payee"))),
    path("admin/", admin.site.urls),
    path("file-attente/", webapp.Outbox.as_view(), name="outbox"),
    path("sw.js", webapp.worker, name="worker"),
    path("manifest.webmanifest", webapp.manifest, name="manifest"),
    path("sonde/", webapp.probe, name="probe"),
]
for prefix, module in (
    ("cabinet/", "claims.urls.cabinet"),
    ("pharmacie/", "claims.urls.pharmacy"),
    ("assure/", "payments.urls"),
    ("carnets/", "claims.urls.pads"),
    ("verifier/", "prescriptions.urls"),
    ("api/v1/", "config.api_urls"),
):
    if find_spec(module):
        urlpatterns.append(path(prefix, include(module)))

if settings.DEMO_LOGINS:
    urlpatterns.append(path("galerie/", gallery, name="gallery"))

handler400 = "config.views.bad_request"
handler403 = "config.views.permission_denied"
handler404 = "config.views.page_not_found"
handler500 = "config.views.server_error"
