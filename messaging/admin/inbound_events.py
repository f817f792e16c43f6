"""Inbound texts that could not be processed. What was said stays in the record."""

from typing import Any

from django.contrib import admin
from django.db import models

from accounts.admin.base import ReadOnlyAdmin
from messaging.models import InboundEvent


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnlyAdmin):
    menu = "Records"
    power = "manage_sending"
    words = {
        "received_at": "Received",
        "account": "Provider account",
        "event_key": "Event",
        "attempts": "Tries",
    }
    list_display = ("received_at", "account", "event_key", "attempts", "error")
    list_select_related = ("account", "customer")
    fields = readonly_fields = ("received_at", "account", "event_key", "attempts", "error")
    ordering = ("-id",)

    def menu_entry(self, request: Any) -> tuple[str, str, str]:
        task, _, address = super().menu_entry(request)
        return task, "Parked events", address

    def menu_note(self, request: Any) -> str:
        return str(self.get_queryset(request).count())

    def get_queryset(self, request: Any) -> models.QuerySet[Any]:
        return super().get_queryset(request).filter(parked=True)
