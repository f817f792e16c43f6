"""What every page of reporting shares: somebody signed in who may read reports."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from accounts.viewer import Viewer

P = ParamSpec("P")


class ReaderRequest(HttpRequest):
    viewer: Viewer
    htmx: HtmxDetails


Answer = Callable[Concatenate[ReaderRequest, P], HttpResponseBase]


def for_readers(view: Answer[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Guard: sign in first; without the power the page does not exist."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        viewer = getattr(request, "viewer", None)
        if viewer is None or not viewer.can("read_reports"):
            raise Http404
        return view(request, *args, **kwargs)  # type: ignore[arg-type]

    return guarded
