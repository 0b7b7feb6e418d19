"""Addresses of the whole site; each room owns its own."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from config.admin import site
from config.views import home, landing

urlpatterns = [
    path("", landing, name="landing"),
    path("accueil/", home, name="home"),
    path("langue/", login_not_required(set_language), name="set_language"),
    path("compte/", include("accounts.urls")),
    path("compte/", include("allauth.account.urls")),
    path("compte/second-facteur/", include("allauth.mfa.urls")),
    path("cabinet/", include("claims.urls.cabinet")),
    path("pharmacie/", include("claims.urls.pharmacy")),
    path("assure/", include("payments.urls")),
    path("admin/", site.urls),
    path("api/v1/", include("config.api_urls")),
]

handler400 = "config.views.bad_request"
handler403 = "config.views.permission_denied"
handler404 = "config.views.page_not_found"
handler500 = "config.views.server_error"
