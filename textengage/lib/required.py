"""What a form says of a field that is empty or wrong, in our words instead of Django's."""

from typing import Any, Final

from django import forms
from django.core.validators import EmailValidator, MaxLengthValidator
from django.forms.utils import pretty_name

STOCK: Final = forms.Field.default_error_messages["required"]
NO_EMAIL: Final = "Enter an e-mail address, such as name@company.com."


def in_our_words(form: Any) -> None:
    """ "Enter a first name.", "Choose a role.". A field with a sentence of its own keeps it."""
    for name, field in form.fields.items():
        label = str(field.label or pretty_name(name))
        if field.error_messages.get("required") == STOCK:
            field.error_messages["required"] = _missing(field, label)
        for validator in field.validators:
            if isinstance(validator, MaxLengthValidator):
                validator.message = f"{label}: %(limit_value)d characters at most."
        if isinstance(field, forms.EmailField):
            field.error_messages["invalid"] = NO_EMAIL
            field.validators = [
                EmailValidator(NO_EMAIL) if isinstance(each, EmailValidator) else each
                for each in field.validators
            ]


def _missing(field: forms.Field, label: str) -> str:
    if isinstance(field, forms.EmailField):
        return NO_EMAIL
    verb = "Choose" if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) else "Enter"
    thing = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    article = "an" if thing[:1].lower() in "aeio" else "a"
    return f"{verb} {article} {thing}."
