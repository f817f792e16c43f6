"""Addresses of the report pages. ``downloads`` is therefore no report's code."""

from django.urls import path

from reporting.web import downloads, reports

urlpatterns = [
    path("reports/", reports.reports, name="reports"),
    path("reports/downloads/", downloads.downloads, name="downloads"),
    path("reports/downloads/<uuid:id>/file/", downloads.download, name="download"),
    path("reports/<slug:code>/", reports.report, name="report"),
    path("reports/<slug:code>/generate/", reports.generate, name="generate"),
]
