"""Between a request and its page: the viewer, and the customer in scope."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.models import User
from accounts.viewer import Viewer
from textengage.lib.scoping import within

Answer = Callable[[HttpRequest], HttpResponse]


class ViewerMiddleware:
    """Sets ``request.viewer`` and puts the viewer's customer in scope.

    A deactivated user or customer is signed out. Signed-out requests have no scope, so
    that whatever they reach can read no owned row. Platform staff name their exemption
    in the admin.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.viewer = None
        user = request.user
        if not user.is_authenticated or user.customer_id is None:
            return self.get_response(request)
        assert isinstance(user, User)
        customer = user.customer
        if customer is None or not (user.is_active and customer.is_active):
            logout(request)
            return self.get_response(request)
        request.viewer = Viewer(user, customer)
        with within(customer), timezone.override(customer.time_zone):
            return self.get_response(request)


class NoStoreMiddleware:
    """Pages with people's texts stay out of browser and proxy caches."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        return response
