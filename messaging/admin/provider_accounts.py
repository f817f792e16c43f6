"""Accounts at providers. The token goes in and never comes out."""

from typing import Any

from django import forms
from django.contrib import admin, messages

from accounts.admin.base import OwnedAdmin
from accounts.admin.forms import Form
from messaging.admin import pausing
from messaging.dispatch import consequences
from messaging.inbound import recovery
from messaging.models import ProviderAccount
from textengage.lib.clock import AppNow
from textengage.lib.scoping import across_customers

TAKEN = "This account cannot be used."


class ProviderAccountForm(Form):
    token = forms.CharField(
        label="Auth token",
        max_length=128,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Kept sealed and never shown again. Leave empty to keep the present one.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].required = self.instance._state.adding

    def clean_account_sid(self) -> str:
        """An account belongs to one customer: which one is not said."""
        sid: str = self.cleaned_data["account_sid"].strip()
        if not (sid.isascii() and sid.isalnum()):
            raise forms.ValidationError("Letters and digits only, such as AC0123456789abcdef.")
        # The key is unique above customers, so the question has to be, too.
        with across_customers():
            same = ProviderAccount.objects.filter(account_sid=sid).exclude(pk=self.instance.pk)
            if same.exists():
                raise forms.ValidationError(TAKEN)
        return sid


@admin.register(ProviderAccount)
class ProviderAccountAdmin(OwnedAdmin):
    menu = "Sending"
    order = 2
    power = "manage_sending"
    form = ProviderAccountForm
    words = {
        "account_sid": "Account SID",
        "concurrency": "Requests at once",
        "paused_reason": "Paused because",
        "paused_until": "Paused until",
    }
    added, changed = "provider_account.added", "provider_account.changed"
    list_display = ("name", "provider", "account_sid", "state")
    list_select_related = ("customer",)
    search_fields = ("name", "account_sid")
    ordering = ("name",)
    fields = ("name", "account_sid", "token", "concurrency", "paused_reason", "paused_until")
    actions = ("look_for_missed", "resume")

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request).annotate(now=AppNow())
        return rows.prefetch_related("country_pauses")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[Any]:
        """Numbers and callback addresses hang on the account's id at the provider."""
        return [*super().get_readonly_fields(request, obj), *(("account_sid",) if obj else ())]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        token = form.cleaned_data["token"]
        if token:
            obj.set_token(token)
        if "paused_reason" in form.changed_data and "paused_until" not in form.changed_data:
            # An end that belonged to another pause would end this one at once.
            obj.paused_until = None
        super().save_model(request, obj, form, change)

    @admin.display
    def state(self, account: Any) -> str:
        """Paused as a whole, or for some countries."""
        if account.is_paused(account.now):
            return pausing.said(account.paused_reason, account.paused_until)
        closed = sorted(
            each.country
            for each in account.country_pauses.all()
            if each.until is None or each.until > account.now
        )
        return f"Active, but no texts to {', '.join(closed)}" if closed else "Active"

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: Any, queryset: Any) -> None:
        """End the pauses of accounts, and of countries for them."""
        done = sum(consequences.resume_account(each, by=request.user) for each in queryset)
        self.message_user(request, f"Accounts resumed: {done}.", messages.SUCCESS)

    @admin.action(description="Look for missed texts", permissions=["change"])
    def look_for_missed(self, request: Any, queryset: Any) -> None:
        """Ask the provider for what it got and we did not."""
        numbers = sum(recovery.look(each, by=request.user) for each in queryset)
        self.message_user(request, f"Numbers to be looked up: {numbers}.", messages.SUCCESS)
