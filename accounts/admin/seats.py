"""Seats: places that may send. They come into being with the first license on them."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Concat

from accounts.admin.base import ReadOnlyAdmin
from accounts.models import License, Seat

if TYPE_CHECKING:
    RowField = forms.ModelChoiceField[Any]
else:
    RowField = forms.ModelChoiceField


def with_holder(seats: models.QuerySet[Any]) -> Any:
    """Seats, each with ``holder_name``: who holds it now, or None."""
    held = License.objects.filter(seat=OuterRef("pk")).valid()
    name = Concat("user__first_name", Value(" "), "user__last_name")
    return seats.annotate(holder_name=Subquery(held.annotate(name=name).values("name")[:1]))


class SeatField(RowField):
    """A choice of seats that says who sits there."""

    def __init__(self, queryset: Any, **kwargs: Any) -> None:
        super().__init__(queryset=with_holder(queryset), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.holder_name or 'free'})"


@admin.register(Seat)
class SeatAdmin(ReadOnlyAdmin):
    menu = "People"
    order = 3
    power = "manage_people"
    list_display = ("seat", "holder")
    list_display_links = ("seat",)
    list_select_related = ("customer",)
    fields = readonly_fields = ("seat", "holder")
    ordering = ("position",)

    def get_queryset(self, request: Any) -> Any:
        return with_holder(super().get_queryset(request))

    @admin.display(ordering="position")
    def seat(self, seat: Seat) -> str:
        return str(seat)

    @admin.display(empty_value="free")
    def holder(self, seat: Any) -> str | None:
        name: str | None = seat.holder_name
        return name
