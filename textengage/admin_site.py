"""Our admin: for Managers and Customer Admins over their customer, for staff over all.

Signed-out people go to the product's sign-in. Somebody signed in without the power to
enter gets 403 at every address; inside, a row of another customer is absent (404).
"""

from collections.abc import Callable
from contextlib import nullcontext
from functools import update_wrapper
from typing import Any, Final

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from textengage.lib.scoping import across_customers

MENU: Final = ("People", "Sending", "Contacts", "Records", "Platform")
OURS: Final = ("accounts", "credits", "messaging", "reporting")
METHODS: Final = ("GET", "HEAD", "POST")
DROPPED: Final = ("logout", "password_change", "password_change_done", "view_on_site")


class Site(AdminSite):
    site_title = site_header = "TextEngage"
    index_title = "Admin"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only our own: what libraries register knows nothing of customers."""
        if admin_class and admin_class.__module__.partition(".")[0] in OURS:
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: Any) -> bool:
        """Platform staff, and whoever holds the power to enter in their customer."""
        user = request.user
        if not (user.is_authenticated and user.is_active):
            return False
        if user.is_superuser:
            return True
        viewer = getattr(request, "viewer", None)
        return viewer is not None and bool(viewer.can("enter_admin"))

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def inner(request: Any, *args: Any, **kwargs: Any) -> Any:
            if request.method not in METHODS:
                return HttpResponseNotAllowed(METHODS)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), reverse("sign-in"))
            if not self.has_permission(request):
                raise PermissionDenied
            # Platform staff work above customers (PRODUCT section 1), Managers in one.
            with across_customers() if request.user.is_superuser else nullcontext():
                response = guarded(request, *args, **kwargs)
                # A page drawn later would be drawn outside the exemption.
                return response.render() if hasattr(response, "render") else response

        return update_wrapper(inner, guarded)

    def get_urls(self) -> list[Any]:
        """The stock addresses, but for those the product has elsewhere or not at all."""
        return [each for each in super().get_urls() if getattr(each, "name", "") not in DROPPED]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseRedirect:
        """There is one sign-in, the product's."""
        return redirect_to_login(reverse("admin:index"), reverse("sign-in"))

    def app_index(
        self, request: Any, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """The menu is by task, so an app has no page of its own."""
        return redirect("admin:index")

    def get_app_list(self, request: Any, app_label: str | None = None) -> list[Any]:
        """The menu: tasks in a fixed order, each with what the person may open."""
        tasks: dict[str, list[dict[str, Any]]] = {task: [] for task in MENU}
        entries: dict[Any, Any] = self._registry
        for model, model_admin in sorted(entries.items(), key=lambda entry: entry[1].order):
            if not model_admin.has_module_permission(request):
                continue
            task, name, address = model_admin.menu_entry(request)
            can_add = model_admin.has_add_permission(request)
            tasks[task].append(
                {
                    "model": model,
                    "name": name,
                    "object_name": model.__name__,
                    "admin_url": address,
                    "add_url": reverse(_name(model, "add")) if can_add else None,
                    "note": model_admin.menu_note,
                }
            )
        return [
            {"name": task, "app_label": task.lower(), "app_url": "", "models": models}
            for task, models in tasks.items()
            if models
        ]

    def index(self, request: Any, extra_context: dict[str, Any] | None = None) -> Any:
        """The home: the menu with a figure where one is cheap."""
        menu = self.get_app_list(request)
        for task in menu:
            for entry in task["models"]:
                entry["figure"] = entry["note"](request)
        return super().index(request, {"app_list": menu, **(extra_context or {})})


def _name(model: Any, page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
