"""The audit trail, to read."""

from typing import Any

from django.contrib import admin
from django.db import models

from accounts import audit
from accounts.admin import actors
from accounts.admin.base import ReadOnlyAdmin
from accounts.models import AuditEntry


class AboutFilter(admin.SimpleListFilter):
    title = parameter_name = "about"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        kinds = dict.fromkeys(action.partition(".")[0] for action in audit.SENTENCES)
        return [(kind, kind.replace("_", " ").capitalize()) for kind in kinds]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(action__startswith=f"{self.value()}.") if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    menu = "Records"
    order = 1
    words = {
        "at": "When",
        "object_type": "About",
        "object_id": "Its id",
        "link": "Place in the chain",
    }
    list_display = ("at", "who", "what", "object_type")
    list_display_links = ("at",)
    list_filter = (AboutFilter,)
    list_select_related = ("customer",)
    fields = readonly_fields = ("at", "who", "what", "object_type", "object_id", "link", "hash")
    ordering = ("-id",)

    def menu_entry(self, request: Any) -> tuple[str, str, str]:
        task, _, address = super().menu_entry(request)
        return task, "Audit", address

    def get_queryset(self, request: Any) -> Any:
        return actors.named(super().get_queryset(request), request.user)

    @admin.display
    def who(self, entry: Any) -> str:
        return str(entry.actor_name)

    @admin.display
    def what(self, entry: AuditEntry) -> str:
        return audit.sentence(entry)
