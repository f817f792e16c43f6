"""The report pages, and the door to them."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", lambda request: HttpResponse("dashboard"), name="dashboard"),
    path("", include("accounts.web.urls")),
    path("", include("reporting.web.urls")),
]
