"""The report pages, and what their frame leads to."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def elsewhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse("elsewhere")


urlpatterns = [
    path("admin/", admin.site.urls),
    *(
        path(f"{name}/", elsewhere, name=name)
        for name in ("sign-in", "sign-out", "profile", "appearance")
    ),
    path("", include("messaging.web.urls")),
    path("", include("reporting.web.urls")),
]
