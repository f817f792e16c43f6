"""Countries and pricing tiers: staff's data, with a source and a date."""

from django.contrib import admin

from accounts.admin.base import StaffAdmin
from credits.models import Country, Tier


@admin.register(Country)
class CountryAdmin(StaffAdmin):
    added, changed = "country.added", "country.changed"
    words = {
        "has_local_numbers": "Local numbers",
        "holds_from": "From",
        "holds_to": "Until",
    }
    list_display = ("name", "code", "tier", "has_local_numbers", "holds_from", "holds_to")
    list_filter = ("tier", "has_local_numbers")
    list_select_related = ("tier",)
    search_fields = ("name", "code")
    fields = (
        "code",
        "name",
        "tier",
        "has_local_numbers",
        "needs_documents",
        "holds_from",
        "holds_to",
        "source",
    )


@admin.register(Tier)
class TierAdmin(StaffAdmin):
    added, changed = "tier.added", "tier.changed"
    list_display = ("label", "number")
    fields = ("number", "label")

    def get_readonly_fields(self, request: object, obj: Tier | None = None) -> list[str]:
        """The number is the row's key."""
        return ["number"] if obj else []
