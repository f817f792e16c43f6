"""Teams: a tree that grows. A team keeps its place, so no path below it ever changes."""

from typing import Any

from django import forms
from django.contrib import admin

from accounts.admin.base import OwnedAdmin
from accounts.admin.forms import Form
from accounts.models import Team

TAKEN = "There is a team of this name here already."


class TeamForm(Form):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        parent = cleaned.get("parent", self.instance.parent)
        of = cleaned.get("customer") or self.instance.customer
        twins = Team.objects.filter(customer=of, parent=parent, name=cleaned.get("name"))
        if of and twins.exclude(pk=self.instance.pk).exists():
            self.add_error("name", forms.ValidationError(TAKEN))
        return cleaned


@admin.register(Team)
class TeamAdmin(OwnedAdmin):
    menu = "People"
    order = 4
    power = "manage_people"
    form = TeamForm
    words = {"parent": "Part of"}
    added, changed = "team.added", "team.changed"
    list_display = ("name", "parent")
    list_select_related = ("customer", "parent")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "parent")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), *(("parent",) if obj else ())]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.path = [*(obj.parent.path if obj.parent else ()), obj.id]
        super().save_model(request, obj, form, change)
