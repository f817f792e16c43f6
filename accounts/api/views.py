"""The classes API views are made from."""

import re
from contextlib import ExitStack
from datetime import UTC
from typing import Any, Final
from uuid import uuid4

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.api.base import viewer_of
from accounts.api.filtering import StrictFilters
from accounts.api.parsing import BoundedJSONParser
from accounts.models import User
from accounts.viewer import Viewer
from textengage.lib.scoping import within

GOOD_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")


class ApiView(APIView):
    """Runs with the caller's customer in scope and times in UTC, and names the request.

    A token is read here, after the middleware that scopes sessions: so the scope is
    entered here, and also replaces that of a session sent along with the token.
    """

    parser_classes = [BoundedJSONParser]
    # No OPTIONS: it would describe fields a second time, beside the OpenAPI document.
    http_method_names = ["get", "post", "patch", "delete", "head"]
    power: str | None = None
    request_id: str

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.request_id = request_id_of(request)
        with ExitStack() as self.scope, timezone.override(UTC):
            response = super().dispatch(request, *args, **kwargs)
        response["X-Request-Id"] = self.request_id
        response["Cache-Control"] = "no-store"
        # REST framework's "nobody" is None, which middleware outside does not expect.
        if getattr(request, "user", None) is None:
            request.user = AnonymousUser()
        return response

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        if isinstance(request.user, User) and request.user.customer:
            self.scope.enter_context(within(request.user.customer))

    @property
    def viewer(self) -> Viewer:
        return viewer_of(self.request)


class ApiViewSet(ApiView, GenericViewSet[Any]):
    """A collection: rows from ``get_queryset``, filtered strictly, paged by cursor."""

    filter_backends = [StrictFilters]
    lookup_field = "id"
    lookup_value_converter = "uuid"


@extend_schema(exclude=True)
class NothingHere(ApiView):
    """Whatever is under /api/ and nowhere else: a 404 in the same words as any other."""

    authentication_classes = []
    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound

    def get(self, request: Request) -> Response:
        raise NotFound


def request_id_of(request: HttpRequest) -> str:
    """The caller's X-Request-Id when it is harmless in a log, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if GOOD_REQUEST_ID.fullmatch(given) else str(uuid4())
