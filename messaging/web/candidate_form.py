"""Adding a candidate: what is asked for. Whether it may be, the roster says."""

from typing import Any

from django import forms

from accounts.models import Customer
from credits.models import Country
from messaging.candidates.consent import SOURCES, Evidence
from messaging.candidates.models import Candidate
from textengage.lib import clock
from textengage.lib.refusal import Refused
from textengage.lib.required import in_our_words

# Which field a refusal of the roster belongs to.
FIELD_OF = {"blank_name": "first_name", "invalid_number": "number", "duplicate_number": "number"}
# What people record; the others are written by the product itself.
ASKED_FOR = ("application", "verbal", "written")


class CandidateForm(forms.Form):
    first_name = forms.CharField(max_length=80)
    last_name = forms.CharField(max_length=80)
    number = forms.CharField(
        label="Mobile number",
        max_length=60,
        help_text="In any form, with or without the country code.",
        error_messages={"required": "Enter a mobile number."},
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    country = forms.ChoiceField(
        label="Country of the number",
        help_text="Used when the number has no country code.",
        error_messages={"required": "Choose a country."},
    )
    current_title = forms.CharField(max_length=120, required=False)
    job = forms.CharField(label="The job in question", max_length=120, required=False)
    email = forms.EmailField(label="E-mail", required=False)
    kind = forms.ChoiceField(choices=Candidate.KINDS, initial=Candidate.CANDIDATE)
    consent = forms.ChoiceField(
        label="Consent to texts",
        required=False,
        choices=[("", "Not recorded"), *((code, SOURCES[code]) for code in ASKED_FOR)],
    )
    wording = forms.CharField(
        label="Words they agreed to",
        required=False,
        max_length=1_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, customer: Customer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        served = Country.objects.served(clock.now().date()).values_list("code", "name")
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = list(served)
        country.initial = customer.default_country
        in_our_words(self)

    @property
    def evidence(self) -> Evidence | None:
        """What was recorded about consent, if anything."""
        source = self.cleaned_data["consent"]
        return Evidence(source, self.cleaned_data["wording"]) if source else None

    def refuse(self, refused: Refused) -> None:
        """Put the roster's sentence at the field it is about."""
        self.add_error(FIELD_OF.get(refused.code), refused.sentence)
