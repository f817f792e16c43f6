"""Our admin: for Managers and Customer Admins over their customer, for staff over all."""

from typing import Any

from django.contrib.admin import AdminSite


class Site(AdminSite):
    site_title = site_header = "TextEngage"
    index_title = "Admin"
    enable_nav_sidebar = False

    def has_permission(self, request: Any) -> bool:
        """Platform staff, and whoever holds the power to enter in their customer."""
        user = request.user
        if not (user.is_authenticated and user.is_active):
            return False
        if user.is_superuser:
            return True
        viewer = getattr(request, "viewer", None)
        return viewer is not None and bool(viewer.can("enter_admin"))
