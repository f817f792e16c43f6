"""Licenses: who holds which seat. Giving and taking back are verbs, never edits."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef

from accounts import licenses
from accounts.admin.base import OwnedAdmin, is_staff
from accounts.admin.forms import Form
from accounts.admin.seats import RowField, SeatField
from accounts.models import License, User
from textengage.lib.refusal import Refused


class HeldFilter(admin.SimpleListFilter):
    title = parameter_name = "held"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "Now"), ("before", "Before")]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() == "now":
            return queryset.valid()
        return queryset.exclude(pk__in=queryset.valid()) if self.value() else queryset


class PersonField(RowField):
    """A choice of people; for staff, who see several customers, with the customer's name."""

    with_customer = False

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.customer})" if self.with_customer else obj.name


class LicenseForm(Form):
    def clean(self) -> dict[str, Any]:
        """The person decides the customer; a seat of another one is no choice."""
        person = self.cleaned_data.get("user")
        if person:
            self.instance.customer = person.customer
        return super().clean()


@admin.register(License)
class LicenseAdmin(OwnedAdmin):
    menu = "People"
    order = 2
    power = "manage_people"
    form = LicenseForm
    words = {"valid_from": "From", "valid_to": "Until"}
    list_display = ("user", "seat", "valid_from", "valid_to")
    list_filter = (HeldFilter,)
    list_select_related = ("user", "seat", "customer")
    search_fields = ("user__first_name", "user__last_name")
    ordering = ("-valid_from",)
    fields = ("user", "seat")
    actions = ("take_back",)

    def menu_note(self, request: Any) -> str:
        if is_staff(request):
            return ""
        customer = request.viewer.customer
        return f"{licenses.seats_in_use(customer)} of {customer.number_of_seats} in use"

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: Any, obj: Any = None) -> list[Any]:
        return ["user", "seat", "valid_from", "valid_to"] if obj else ["user", "seat"]

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "seat":
            kwargs |= {"form_class": SeatField, "required": False, "empty_label": "Any free seat"}
        else:
            held = License.objects.filter(user=OuterRef("pk")).valid()
            people = User.objects.active().filter(~Exists(held), customer__isnull=False)
            people = people.select_related("customer").order_by("first_name", "last_name")
            kwargs |= {"form_class": PersonField, "queryset": people}
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if isinstance(field, PersonField):
            field.with_customer = is_staff(request)
        return field

    def save_model(self, request: Any, obj: Any, form: forms.Form, change: bool) -> None:
        chosen = form.cleaned_data["seat"]
        made = licenses.give(form.cleaned_data["user"], by=request.user, seat=chosen)
        obj.pk, obj.seat = made.pk, made.seat

    @admin.action(description="Take back the license", permissions=["add"])
    def take_back(self, request: Any, queryset: Any) -> None:
        held = list(queryset.valid().select_related("user"))
        for each in held:
            licenses.end(each.user, by=request.user)
        self.message_user(request, f"Licenses taken back: {len(held)}.", messages.SUCCESS)


def give_each(request: Any, people: Any) -> list[str]:
    """Give a license to each person; returns the sentences of the refusals."""
    refusals = []
    for person in people:
        try:
            licenses.give(person, by=request.user)
        except Refused as refused:
            refusals.append(refused.sentence)
    return refusals
