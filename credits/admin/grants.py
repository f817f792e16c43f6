"""Contacts given to a customer. Staff add a grant; nobody edits one."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin

from accounts.admin.base import OwnedAdmin, is_staff
from accounts.admin.forms import Form
from credits import ledger
from credits.models import Grant
from textengage.lib import clock


class GrantForm(Form):
    def clean_expires_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["expires_at"]
        if moment and moment <= clock.now():
            raise forms.ValidationError("This moment has passed.")
        return moment


@admin.register(Grant)
class GrantAdmin(OwnedAdmin):
    menu = "Contacts"
    order = 2
    form = GrantForm
    words = {"remaining": "Left", "opens_at": "From", "expires_at": "Until"}
    list_display = ("amount", "remaining", "kind", "opens_at", "expires_at", "note")
    list_filter = ("kind",)
    list_select_related = ("customer",)
    ordering = ("-opens_at",)
    fields = ("kind", "amount", "expires_at", "note")
    readonly_fields = ("remaining", "opens_at")

    def has_add_permission(self, request: Any) -> bool:
        return is_staff(request)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        return [*super().get_fields(request, obj), *(self.readonly_fields if obj else ())]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "amount":
            return forms.IntegerField(min_value=1, max_value=10_000_000)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Grant, form: Any, change: bool) -> None:
        made = ledger.grant(
            obj.customer,
            obj.amount,
            by=request.user,
            kind=obj.kind,
            expires_at=obj.expires_at,
            note=obj.note,
        )
        obj.pk = made.pk
