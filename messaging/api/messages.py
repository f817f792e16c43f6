"""Texts: list, read, send."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import idempotent
from accounts.api.problems import problems
from accounts.api.views import ApiViewSet
from messaging.api.message_shapes import (
    EXAMPLES,
    SENDING,
    MessageAnswer,
    MessageFilters,
    NewMessage,
)
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Message
from messaging.dispatch import outbox
from messaging.dispatch.drafting import Draft


@extend_schema(tags=["messages"], examples=EXAMPLES)
class Messages(ApiViewSet):
    power = "use_inbox"
    filterset_class = MessageFilters
    serializer_class = MessageAnswer

    def get_queryset(self) -> QuerySet[Message]:
        if getattr(self, "swagger_fake_view", False):
            return Message.objects.none()
        visible: QuerySet[Message] = Message.objects.visible_to(self.viewer)
        return visible.select_related("address", "sender")

    @extend_schema(
        operation_id="list_messages",
        summary="List texts",
        responses={200: MessageAnswer(many=True), **problems(400)},
    )
    def list(self, request: Request) -> Response:
        """Texts in both directions, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(MessageAnswer(page, many=True).data)

    @extend_schema(
        operation_id="get_message",
        summary="Read a text",
        responses={200: MessageAnswer, **problems(404)},
    )
    def retrieve(self, request: Request, id: str) -> Response:
        """One text: its state, the gate's verdict, its segments and instants."""
        return Response(MessageAnswer(self.get_object()).data)

    @extend_schema(
        operation_id="send_message",
        summary="Send a text",
        parameters=[idempotent.HEADER],
        request=NewMessage,
        responses={201: MessageAnswer, **problems(400, 404, 409, 413, 415, 422)},
        examples=[*EXAMPLES, OpenApiExample("Ask Dana", SENDING, request_only=True)],
    )
    def create(self, request: Request) -> Response:
        """Put a text into the outbox. It leaves in the background; read it to see its state.

        Refused with nothing written when it may not go: `opted_out`, `no_license`,
        `no_contacts`, `no_address`, `not_in_plan` and others, each with its sentence.
        """
        asked = NewMessage(data=request.data)
        asked.is_valid(raise_exception=True)
        return idempotent.created(request, lambda: self._send(asked.validated_data))

    def _send(self, given: dict[str, Any]) -> Any:
        viewer = self.viewer
        visible = Candidate.objects.visible_to(viewer)
        candidate = visible.filter(id=given["candidate"]).first()
        if candidate is None:
            sentence = ErrorDetail("There is no such candidate.", "does_not_exist")
            raise ValidationError({"candidate": [sentence]})
        draft = Draft(
            threads.open_with(candidate, by=viewer.user),
            given["body"],
            **({"id": given["id"]} if "id" in given else {}),
            kind=Message.API,
            due_at=given.get("due_at"),
        )
        message = outbox.send(draft, by=viewer.user)
        return MessageAnswer(self.get_queryset().get(id=message.id)).data
