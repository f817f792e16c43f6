"""Inbound texts that could not be processed. What was said stays in the record."""

import re
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models
from django.db.models import F, Func, Value
from django.utils.timesince import timesince

from accounts.admin.base import ReadOnlyAdmin
from messaging.inbound import intake
from messaging.models import InboundEvent
from textengage.lib import clock

ID: Final = re.compile(r"[0-9]{1,18}", re.ASCII)
KIND: Final = Func(
    F("error"), Value(":"), Value(1), function="split_part", output_field=models.CharField()
)


class KindFilter(admin.SimpleListFilter):
    """By what went wrong: the events that one cause broke are tried again together."""

    title = "error"
    parameter_name = "kind"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        kinds = model_admin.get_queryset(request).order_by().values_list(KIND, flat=True)
        return [(kind, kind) for kind in sorted(set(kinds.distinct()))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        kind = self.value()
        return queryset.alias(error_kind=KIND).filter(error_kind=kind) if kind else queryset


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnlyAdmin):
    menu = "Records"
    power = "manage_sending"
    changed = "event.retried"
    words = {
        "received_at": "Received",
        "account": "Provider account",
        "event_key": "Event",
        "attempts": "Tries",
    }
    list_display = ("received_at", "age", "account", "event_key", "attempts", "error")
    list_filter = (KindFilter,)
    list_select_related = ("account", "customer")
    fields = readonly_fields = ("received_at", "age", "account", "event_key", "attempts", "error")
    ordering = ("-id",)
    actions = ("try_again",)

    def menu_entry(self, request: Any) -> tuple[str, str, str]:
        task, _, address = super().menu_entry(request)
        return task, "Parked events", address

    def menu_note(self, request: Any) -> str:
        return str(self.get_queryset(request).count())

    def get_queryset(self, request: Any) -> models.QuerySet[Any]:
        return super().get_queryset(request).filter(parked=True)

    def response_action(self, request: Any, queryset: Any, *rest: Any, **more: Any) -> Any:
        """What is no id here selects nothing, as an absent one; Django would fail on it."""
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        request.POST = request.POST.copy()
        request.POST.setlist(ACTION_CHECKBOX_NAME, [x if ID.fullmatch(x) else "0" for x in chosen])
        return super().response_action(request, queryset, *rest, **more)

    @admin.display(description="Waiting for")
    def age(self, event: InboundEvent) -> str:
        return timesince(event.received_at, clock.now(), depth=1)

    @admin.action(description="Try again", permissions=["view"])
    def try_again(self, request: Any, queryset: Any) -> None:
        count = intake.retry(queryset.values_list("id", flat=True), by=request.user)
        self.message_user(request, f"Events tried again: {count}.", messages.SUCCESS)
