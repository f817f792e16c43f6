"""The form under every page of the admin."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.db import models

from textengage.lib.required import in_our_words

if TYPE_CHECKING:
    StockForm = forms.ModelForm[Any]
else:
    StockForm = forms.ModelForm


class Form(StockForm):
    """A form that knows who fills it in, and keeps everything within one customer."""

    by: ClassVar[Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "customer" in _names(self.instance):
            self.instance.customer = self.by.customer
        in_our_words(self)

    def clean(self) -> dict[str, Any]:
        """A related row of another customer is refused as one that does not exist."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        of = cleaned.get("customer") or getattr(self.instance, "customer", None)
        for name, value in list(cleaned.items()):
            if not (of and isinstance(value, models.Model) and "customer" in _names(value)):
                continue
            if getattr(value, "customer_id", None) != of.pk:
                self.add_error(name, self.fields[name].error_messages["invalid_choice"])
        return cleaned


def _names(row: models.Model) -> set[str]:
    return {field.name for field in row._meta.concrete_fields}
