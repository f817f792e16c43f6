"""Numbers: staff add them, a Manager says whose they are."""

import re
from typing import Any, Final

from django import forms
from django.contrib import admin, messages

from accounts import audit
from accounts.admin.base import OwnedAdmin, is_staff
from accounts.admin.forms import Form
from accounts.admin.seats import SeatField
from messaging.admin import pausing
from messaging.channels import phone
from messaging.dispatch import consequences
from messaging.models import Sender
from textengage.lib.clock import AppNow
from textengage.lib.scoping import across_customers

E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
ASSIGNMENT: Final = ("seat", "team")
FACTS: Final = ("account", "address", "country", "number_type", "state", "segments_per_second")
TAKEN = "This number cannot be used."


class SenderForm(Form):
    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        if not E164.fullmatch(address):
            raise forms.ValidationError("Plus, country and number, such as +15105550101.")
        # A number has one owner among all customers.
        with across_customers():
            same = Sender.objects.filter(address=address).exclude(state=Sender.RELEASED)
            if same.exclude(pk=self.instance.pk).exists():
                raise forms.ValidationError(TAKEN)
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("seat") and cleaned.get("team"):
            self.add_error("team", "A number is one seat's own or a team's, not both.")
        return cleaned


@admin.register(Sender)
class SenderAdmin(OwnedAdmin):
    menu = "Sending"
    order = 1
    power = "manage_sending"
    form = SenderForm
    words = {
        "account": "Provider account",
        "address": "Number",
        "number_type": "Kind",
        "segments_per_second": "Segments a second",
    }
    added, changed = "sender.added", "sender.changed"
    list_display = ("number", "seat", "team", "number_type", "country", "condition")
    list_filter = ("state", "number_type")
    list_select_related = ("customer", "account", "seat", "team")
    search_fields = ("address",)
    ordering = ("address",)
    fields = (*FACTS, *ASSIGNMENT)
    actions = ("resume",)

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).annotate(now=AppNow())

    @admin.display(description="State", ordering="state")
    def condition(self, sender: Any) -> str:
        """Its state, and what a carrier has paused it for."""
        if sender.state != Sender.ACTIVE or not sender.is_paused(sender.now):
            return str(sender.get_state_display())
        return pausing.said(*sender.wait(sender.now))

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: Any, queryset: Any) -> None:
        """End what a carrier paused; what somebody paused here is a state."""
        done = sum(consequences.resume_sender(each, by=request.user) for each in queryset)
        self.message_user(request, f"Numbers resumed: {done}.", messages.SUCCESS)

    def menu_note(self, request: Any) -> str:
        return str(self.get_queryset(request).count())

    def has_add_permission(self, request: Any) -> bool:
        return is_staff(request)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[Any]:
        fixed = [*super().get_readonly_fields(request, obj), *(("condition",) if obj else ())]
        return fixed if is_staff(request) else [*fixed, *_shown(FACTS)]

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        """Staff type a number as E.164; who may not is shown it as people write it."""
        named = [*super().get_fields(request, obj), *(("condition",) if obj else ())]
        return named if is_staff(request) else _shown(named)

    @admin.display(ordering="address")
    def number(self, sender: Sender) -> str:
        return phone.shown(sender.address)

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "seat":
            kwargs |= {"form_class": SeatField, "required": False, "empty_label": "Shared"}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Whose number it is has an entry of its own in the audit."""
        moved = [name for name in form.changed_data if name in ASSIGNMENT]
        if not (change and moved == form.changed_data):
            super().save_model(request, obj, form, change)
            return
        if moved:
            obj.save(update_fields=moved)
            audit.record(
                "sender.assigned", of=obj.customer, by=request.user, about=obj, fields=moved
            )


def _shown(fields: Any) -> list[Any]:
    return ["number" if each == "address" else each for each in fields]
