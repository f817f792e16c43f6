"""Who may: the viewer behind a request, and the permission every API view starts from.

No views in here: REST framework imports this module while it makes its own view class.
"""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.viewer import Viewer


class HasViewer(BasePermission):
    """Signed in, active, of a customer, in the plan, and holding the view's ``power``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        if not (isinstance(user, User) and user.is_active and user.customer):
            return False
        # Our own pages come with a session; only tokens need the product.
        if request.auth is not None and not user.customer.owns("api"):
            raise PermissionDenied("The API is not in your plan.", "not_in_plan")
        power = getattr(view, "power", None)
        return power is None or viewer_of(request).can(power)


def viewer_of(request: Request) -> Viewer:
    """The viewer behind an authenticated request."""
    user = request.user
    assert isinstance(user, User)
    assert user.customer is not None
    known = getattr(request._request, "viewer", None)
    if isinstance(known, Viewer) and known.user.id == user.id:
        return known
    viewer = Viewer(user, user.customer)
    request._request.viewer = viewer  # type: ignore[attr-defined]
    return viewer
