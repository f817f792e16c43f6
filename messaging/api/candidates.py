"""Candidates: list, read, add, change."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import idempotent
from accounts.api.problems import problems
from accounts.api.views import ApiViewSet
from accounts.viewer import Viewer
from messaging.api.candidate_shapes import (
    ADDING,
    EXAMPLES,
    CandidateAnswer,
    CandidateFacts,
    CandidateFilters,
    NewCandidate,
)
from messaging.candidates import consent, optout, roster
from messaging.candidates.models import Candidate


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
        roster.change(candidate, asked.validated_data, by=self.viewer.user)
        return Response(_shown([candidate], self.viewer)[0])


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
