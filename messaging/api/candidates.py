"""Candidates: list, read, add, change."""

from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import audit
from accounts.api import idempotent
from accounts.api.filtering import ChoiceFilter, CreatedFilters
from accounts.api.parsing import Strict
from accounts.api.problems import problems
from accounts.api.views import ApiViewSet
from accounts.models import User
from accounts.viewer import Viewer
from messaging.candidates import consent, optout, roster
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


@extend_schema(tags=["candidates"], examples=EXAMPLES)
class Candidates(ApiViewSet):
    power = "use_candidates"
    filterset_class = CandidateFilters
    serializer_class = CandidateAnswer

    def get_queryset(self) -> QuerySet[Candidate]:
        if getattr(self, "swagger_fake_view", False):
            return Candidate.objects.none()
        visible: QuerySet[Candidate] = Candidate.objects.visible_to(self.viewer)
        return visible.prefetch_related("addresses")

    @extend_schema(
        operation_id="list_candidates",
        summary="List candidates",
        responses={200: CandidateAnswer(many=True), **problems(400)},
    )
    def list(self, request: Request) -> Response:
        """Candidates of your company, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        assert page is not None
        return self.get_paginated_response(_shown(page, self.viewer))

    @extend_schema(
        operation_id="get_candidate",
        summary="Read a candidate",
        responses={200: CandidateAnswer, **problems(404)},
    )
    def retrieve(self, request: Request, id: str) -> Response:
        """One candidate."""
        return Response(_shown([self.get_object()], self.viewer)[0])

    @extend_schema(
        operation_id="add_candidate",
        summary="Add a candidate",
        parameters=[idempotent.HEADER],
        request=NewCandidate,
        responses={201: CandidateAnswer, **problems(400, 409, 413, 415, 422)},
        examples=[*EXAMPLES, OpenApiExample("Add Dana", ADDING, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Add a person with a mobile number. A number belongs to one candidate.

        Refused: `invalid_number`, `blank_name`, `duplicate_number` (`values.candidate_id`
        says who has it).
        """
        asked = NewCandidate(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        evidence = given.pop("consent", None)
        if evidence:
            given["evidence"] = consent.Evidence(**evidence)

        def work() -> dict[str, Any]:
            viewer = self.viewer
            made = roster.add(viewer.customer, by=viewer.user, source="api", **given)
            return _shown([self.get_queryset().get(id=made.id)], viewer)[0]

        return idempotent.created(request, work)

    @extend_schema(
        operation_id="change_candidate",
        summary="Change a candidate",
        request=CandidateFacts,
        responses={200: CandidateAnswer, **problems(400, 404, 413, 415)},
        examples=[*EXAMPLES, OpenApiExample("A job", {"job": "Picker"}, request_only=True)],
    )
    def partial_update(self, request: Request, id: str) -> Response:
        """Change the fields that are sent. The number and Do Not Text are not among them."""
        candidate = self.get_object()
        asked = CandidateFacts(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        change(candidate, asked.validated_data, by=self.viewer.user)
        return Response(_shown([candidate], self.viewer)[0])


@transaction.atomic
def change(candidate: Candidate, facts: dict[str, str], *, by: User) -> None:
    """Write the facts that differ, audited by their names alone."""
    changed = sorted(name for name, value in facts.items() if getattr(candidate, name) != value)
    if not changed:
        return
    for name in changed:
        setattr(candidate, name, facts[name])
    candidate.save(update_fields=changed)
    audit.record(
        "candidate.changed", of=candidate.customer_id, by=by, about=candidate, fields=changed
    )


def _shown(candidates: Iterable[Candidate], viewer: Viewer) -> list[dict[str, Any]]:
    """Candidates as the API shows them, with one query for all their opt-outs."""
    rows = list(candidates)
    keys = {
        (row.customer_id, bytes(address.address_key)): row.id
        for row in rows
        for address in row.addresses.all()
    }
    opted_out = {keys[key] for key in optout.in_force(keys)}
    context = {"viewer": viewer, "opted_out": opted_out}
    return [dict(CandidateAnswer(row, context=context).data) for row in rows]


def _sms(candidate: Candidate) -> Address | None:
    return next((each for each in candidate.addresses.all() if each.channel == "sms"), None)
