"""Accounts at providers. The token goes in and never comes out."""

from typing import Any

from django import forms
from django.contrib import admin

from accounts.admin.base import OwnedAdmin
from accounts.admin.forms import Form
from messaging.models import ProviderAccount
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
    }
    added, changed = "provider_account.added", "provider_account.changed"
    list_display = ("name", "provider", "account_sid", "state")
    list_select_related = ("customer",)
    search_fields = ("name", "account_sid")
    ordering = ("name",)
    fields = ("name", "account_sid", "token", "concurrency", "paused_reason")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[Any]:
        """Numbers and callback addresses hang on the account's id at the provider."""
        return [*super().get_readonly_fields(request, obj), *(("account_sid",) if obj else ())]

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        token = form.cleaned_data["token"]
        if token:
            obj.set_token(token)
        super().save_model(request, obj, form, change)

    @admin.display
    def state(self, account: ProviderAccount) -> str:
        return f"Paused: {account.paused_reason}" if account.paused_reason else "Active"
