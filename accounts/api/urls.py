"""The API's own addresses. `nothing_here` goes after every other address under /api/."""

from django.urls import path, re_path

from accounts.api.schema import DocsView, SchemaView
from accounts.api.views import NothingHere

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
    path("docs/", DocsView.as_view(), name="api-docs"),
]
nothing_here = [re_path("", NothingHere.as_view(), name="api-nothing-here")]
