"""The report pages alone."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("sign-in/", lambda request: HttpResponse("sign in"), name="sign-in"),
    path("", include("reporting.web.urls")),
]
