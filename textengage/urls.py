"""Every address of the product."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from accounts.api.urls import nothing_here


def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: answers without touching the database."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("accounts.web.urls")),
    path("", include("messaging.web.urls")),
    path("", include("reporting.web.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("messaging.api.urls")),
    path("api/v1/", include("credits.api.urls")),
    path("api/", include("accounts.api.urls")),
    path("api/", include(nothing_here)),
]
