"""The pages that a report page leads to."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("accounts.web.urls")),
    path("", include("messaging.web.urls")),
    path("", include("reporting.web.urls")),
]
