"""Customers: staff set the contract, a Manager the company's name, hours and texts."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse

from accounts import licenses
from accounts.admin.base import OwnedAdmin, is_staff
from accounts.admin.forms import Form
from accounts.models import PRODUCTS, Customer

OWN = ("name", "time_zone", "optout_text", "optin_text", "help_text")
CONTRACT = ("is_active", "products", "number_of_seats", "default_country")
TAKEN = "This name cannot be used."


class CustomerForm(Form):
    class Meta:
        error_messages = {"name": {"unique": TAKEN}}

    def clean_number_of_seats(self) -> int:
        number: int = self.cleaned_data["number_of_seats"]
        used = 0 if self.instance._state.adding else licenses.seats_in_use(self.instance)
        if number < used:
            raise forms.ValidationError(f"Licenses in use: {used}. Take some back first.")
        return number

    def clean_default_country(self) -> str:
        code: str = self.cleaned_data["default_country"].upper()
        if not (len(code) == 2 and code.isascii() and code.isalpha()):
            raise forms.ValidationError("Two letters, such as US.")
        return code


@admin.register(Customer)
class CustomerAdmin(OwnedAdmin):
    menu = "Platform"
    order = 3
    power = "manage_sending"
    owner = "pk"
    form = CustomerForm
    words = {
        "is_active": "Active",
        "number_of_seats": "Licenses",
        "default_country": "Country",
        "optout_text": "Answer to STOP",
        "optin_text": "Answer to START",
        "help_text": "Answer to HELP",
    }
    added, changed = "customer.added", "customer.changed"
    list_display = ("name", "time_zone", "number_of_seats", "is_active")
    search_fields = ("name",)
    ordering = ("name",)

    def menu_entry(self, request: Any) -> tuple[str, str, str]:
        """A Manager has one company: the entry leads to it, and says what it is for."""
        if is_staff(request):
            return super().menu_entry(request)
        own = reverse("admin:accounts_customer_change", args=[request.user.customer_id])
        return "Sending", "Hours and opt-out texts", own

    def has_add_permission(self, request: Any) -> bool:
        return is_staff(request)

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        return [*OWN, *CONTRACT] if is_staff(request) else list(OWN)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[Any]:
        return []

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "time_zone":
            return forms.ChoiceField(
                choices=[(name, name) for name in sorted(zoneinfo.available_timezones())],
                initial=db_field.default,
                help_text="Working hours and reports are read in this zone.",
            )
        if db_field.name == "products":
            boxes = forms.CheckboxSelectMultiple
            choices = list(PRODUCTS.items())
            return forms.MultipleChoiceField(choices=choices, widget=boxes, required=False)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def customer_of(self, obj: Any) -> Customer | None:
        return obj if isinstance(obj, Customer) else None
