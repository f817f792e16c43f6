"""Candidates as the API takes and shows them."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from accounts.api.filtering import ChoiceFilter, CreatedFilters
from accounts.api.parsing import Strict
from messaging.candidates import consent
from messaging.candidates.models import Address, Candidate

EXAMPLE: Final = {
    "id": "0190d3a8-0f5c-7a44-9a6e-0f0c6f1f2a3b",
    "kind": "candidate",
    "first_name": "Dana",
    "last_name": "Kim",
    "number": "+15105550123",
    "country": "US",
    "current_title": "Forklift driver",
    "job": "Warehouse lead",
    "email": "",
    "do_not_text": False,
    "can": {"change": True},
    "created_at": "2026-03-02T15:04:05.123456Z",
}


class ConsentEvidence(Strict):
    """Where the consent came from and the words the person agreed to."""

    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=list(consent.SOURCES.items())
    )
    wording = serializers.CharField(max_length=2_000, allow_blank=True, default="")


class CandidateFacts(Strict):
    """What may be changed about a candidate."""

    first_name = serializers.CharField(max_length=80)
    last_name = serializers.CharField(max_length=80)
    current_title = serializers.CharField(max_length=120, allow_blank=True, required=False)
    job = serializers.CharField(max_length=120, allow_blank=True, required=False)
    email = serializers.EmailField(allow_blank=True, required=False)


class NewCandidate(CandidateFacts):
    """A candidate to add. ``country`` (ISO code) helps to read a number without a +."""

    number = serializers.CharField(max_length=60, help_text="A mobile number, best in E.164")
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    kind = serializers.ChoiceField(choices=Candidate.KINDS, required=False)
    consent = ConsentEvidence(required=False)


class CandidateCan(serializers.Serializer[Any]):
    change = serializers.BooleanField()


class CandidateAnswer(serializers.ModelSerializer[Candidate]):
    number = serializers.SerializerMethodField(help_text="E.164, null when there is none")
    country = serializers.SerializerMethodField(help_text="Of the number, ISO 3166-1 alpha-2")
    do_not_text = serializers.SerializerMethodField(help_text="Asked not to be texted")
    can = serializers.SerializerMethodField()

    class Meta:
        model = Candidate
        fields = (
            "id",
            "kind",
            "first_name",
            "last_name",
            "number",
            "country",
            "current_title",
            "job",
            "email",
            "do_not_text",
            "can",
            "created_at",
        )
        read_only_fields = fields

    def get_number(self, candidate: Candidate) -> str | None:
        found = _sms(candidate)
        return found.address if found else None

    def get_country(self, candidate: Candidate) -> str | None:
        found = _sms(candidate)
        return found.region or None if found else None

    def get_do_not_text(self, candidate: Candidate) -> bool:
        return candidate.id in self.context["opted_out"]

    @extend_schema_field(CandidateCan)
    def get_can(self, candidate: Candidate) -> dict[str, bool]:
        return {"change": self.context["viewer"].can("use_candidates")}


class CandidateFilters(CreatedFilters):
    kind = ChoiceFilter(choices=Candidate.KINDS)

    class Meta:
        model = Candidate
        fields: tuple[str, ...] = ()


EXAMPLES: Final = [OpenApiExample("Dana", EXAMPLE, response_only=True)]
ADDING: Final = {
    "first_name": "Dana",
    "last_name": "Kim",
    "number": "+15105550123",
    "consent": {"source": "application", "wording": "Yes, text me about jobs."},
}


def _sms(candidate: Candidate) -> Address | None:
    return next((each for each in candidate.addresses.all() if each.channel == "sms"), None)
