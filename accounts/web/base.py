"""What every page asks first: who is there, and may they see this."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.viewer import Viewer


class Request(HttpRequest):
    """A request that `page` let through."""

    viewer: Viewer
    htmx: HtmxDetails


View = Callable[..., HttpResponseBase]


def page(power: str | None = None) -> Callable[[View], View]:
    """A page of a customer's people, perhaps only for those who hold a power.

    Signed-out people go to the sign-in, platform staff to the admin. Without the power the
    page is absent, exactly like one that does not exist.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            viewer: Viewer | None = request.viewer
            if viewer is None:
                return to_the_door(request)
            if power is not None and not viewer.can(power):
                raise Http404
            return view(cast(Request, request), *args, **kwargs)

        return guarded

    return guard


def to_the_door(request: Any) -> HttpResponse:
    """Where somebody goes who looks at no customer."""
    if request.user.is_authenticated:
        return redirect("admin:index")
    if request.htmx:
        # A fragment must not become a sign-in form inside a page: the whole page goes.
        return HttpResponseClientRedirect(reverse("sign-in"))
    # What was posted is not asked for again after the sign-in.
    back = request.get_full_path() if request.method == "GET" else reverse("dashboard")
    return redirect_to_login(back, reverse("sign-in"))
