"""Balance and ledger, to read: the ledger has one writer, `credits.ledger`."""

from typing import Any

from django.contrib import admin
from django.db import models

from accounts.admin import actors
from accounts.admin.base import ReadOnlyAdmin
from credits import ledger
from credits.models import Balance, LedgerEntry


class KindFilter(admin.SimpleListFilter):
    title = parameter_name = "kind"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind.capitalize()) for kind in LedgerEntry.KINDS]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Balance)
class BalanceAdmin(ReadOnlyAdmin):
    menu = "Contacts"
    order = 1
    list_display = ("customer", "balance", "usable_now")
    list_select_related = ("customer",)
    fields = readonly_fields = ("customer", "balance", "usable_now")

    def get_list_display(self, request: Any) -> list[Any]:
        return list(self.list_display)

    def get_list_filter(self, request: Any) -> list[Any]:
        return []

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        return list(self.fields)

    def menu_entry(self, request: Any) -> tuple[str, str, str]:
        task, _, address = super().menu_entry(request)
        return task, "Balance", address

    def menu_note(self, request: Any) -> str:
        viewer = request.viewer
        return "" if viewer is None else f"{ledger.available(viewer.customer):,} left"

    @admin.display(description="usable now")
    def usable_now(self, balance: Balance) -> int:
        return ledger.available(balance.customer)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    menu = "Contacts"
    order = 3
    words = {"at": "When", "delta": "Change", "contact_key": "Person", "message_id": "Text"}
    list_display = ("at", "kind", "delta", "reason", "who")
    list_display_links = ("at",)
    list_filter = (KindFilter,)
    list_select_related = ("customer",)
    fields = readonly_fields = (
        "at",
        "kind",
        "delta",
        "reason",
        "who",
        "grant",
        "contact_key",
        "message_id",
    )
    ordering = ("-id",)

    def menu_entry(self, request: Any) -> tuple[str, str, str]:
        task, _, address = super().menu_entry(request)
        return task, "Ledger", address

    def get_queryset(self, request: Any) -> Any:
        return actors.named(super().get_queryset(request), request.user)

    @admin.display
    def who(self, entry: Any) -> str:
        return str(entry.actor_name)
