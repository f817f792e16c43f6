"""What every API view shares: a viewer, the customer in scope, the product owned."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import User
from accounts.viewer import Viewer


class HasViewer(BasePermission):
    """Signed in, active, and of a customer. Everything else starts from the viewer."""

    def has_permission(self, request: Request, view: Any) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.customer_id is not None


def viewer_of(request: Request) -> Viewer:
    """The viewer behind an authenticated request."""
    user = request.user
    assert isinstance(user, User)
    assert user.customer is not None
    return Viewer(user, user.customer)
