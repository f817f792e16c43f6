"""Texts as the API takes and shows them."""

from datetime import datetime, timedelta
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.api.filtering import ChoiceFilter, CreatedFilters, UUIDFilter
from accounts.api.parsing import Strict
from messaging.conversations import status
from messaging.conversations.models import Message
from messaging.wording.segments import MAX_CHARACTERS
from textengage.lib import clock

FURTHEST: Final = timedelta(days=365)

DIRECTIONS: Final = ((Message.OUT, "To the candidate"), (Message.IN, "From the candidate"))
STATES: Final = (
    (status.HELD, "Waits for the reason in its verdict"),
    (status.QUEUED, "Waits for its turn"),
    (status.CLAIMED, "About to leave"),
    (status.SENDING, "Leaving"),
    (status.ACCEPTED, "The provider has it"),
    (status.SENT, "The carrier has it"),
    (status.DELIVERED, "It arrived"),
    (status.READ, "It was read"),
    (status.UNDELIVERED, "The carrier could not deliver it"),
    (status.FAILED, "The provider refused it; its contact was given back"),
    (status.UNCERTAIN, "It may have left; being looked up"),
    (status.UNCONFIRMED, "It may have left; nobody will ever say"),
    (status.REFUSED, "Not allowed to go"),
    (status.CANCELED, "Taken back before it left"),
    (status.EXPIRED, "Waited too long to be worth sending"),
    (status.RECEIVED, "From the candidate"),
)
EXAMPLE: Final = {
    "id": "0190d3a8-4c1e-7d53-8f0a-5b1f6f0a9c2d",
    "candidate": "0190d3a8-0f5c-7a44-9a6e-0f0c6f1f2a3b",
    "conversation": "0190d3a8-4c1d-7b02-b1c3-9d0e7a6f5c4b",
    "direction": "out",
    "kind": "api",
    "channel": "sms",
    "number": "+15105550123",
    "sender": "+15105550101",
    "author": "0190d3a0-1111-7222-8333-444455556666",
    "body": "Hi Dana, are you free on Monday?",
    "segments": 1,
    "encoding": "GSM-7",
    "state": "queued",
    "verdict": {"effect": "pass", "code": "", "sentence": "", "until": None, "values": {}},
    "error": None,
    "can": {"cancel": True},
    "created_at": "2026-03-02T15:04:05.123456Z",
    "due_at": "2026-03-02T15:04:05.123456Z",
    "state_changed_at": "2026-03-02T15:04:05.123456Z",
    "accepted_at": None,
    "delivered_at": None,
}


class NewMessage(Strict):
    """A text to send. ``id`` is yours to choose: sending it again sends nothing twice."""

    id = serializers.UUIDField(required=False, help_text="Becomes the message's id")
    candidate = serializers.UUIDField(help_text="Who it is for")
    body = serializers.CharField(
        max_length=MAX_CHARACTERS,
        trim_whitespace=False,
        help_text="May hold merge variables such as $firstName",
    )
    due_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Not before this instant; empty: now"
    )

    def validate_body(self, body: str) -> str:
        if not body.strip():
            raise ValidationError("This field may not be blank.", "blank")
        return body

    def validate_due_at(self, due_at: datetime | None) -> datetime | None:
        now = clock.now()
        if due_at is None or due_at <= now:
            return None
        if due_at > now + FURTHEST:
            raise ValidationError("At most a year from now.", "too_far")
        return due_at


class Verdict(serializers.Serializer[Any]):
    """What the gate said about the text, with the values it used."""

    effect = serializers.ChoiceField(choices=[(word, word) for word in ("pass", "hold", "refuse")])
    code = serializers.CharField()
    sentence = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True, help_text="When a held text is asked again")
    values = serializers.DictField()


class SendError(serializers.Serializer[Any]):
    """Why a text did not arrive, by the provider's code."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class MessageCan(serializers.Serializer[Any]):
    cancel = serializers.BooleanField(help_text="It has not left yet")


class MessageAnswer(serializers.ModelSerializer[Message]):
    candidate = serializers.UUIDField(source="candidate_id")
    conversation = serializers.UUIDField(source="conversation_id")
    author = serializers.UUIDField(source="author_id", allow_null=True)
    direction = serializers.ChoiceField(choices=DIRECTIONS)
    kind = serializers.CharField(help_text="typed, campaign, automatic, api or compliance")
    state = serializers.ChoiceField(choices=STATES)
    number = serializers.SerializerMethodField(help_text="The candidate's, in E.164")
    sender = serializers.SerializerMethodField(help_text="Ours, in E.164, null until chosen")
    verdict = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    can = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = (
            "id",
            "candidate",
            "conversation",
            "direction",
            "kind",
            "channel",
            "number",
            "sender",
            "author",
            "body",
            "segments",
            "encoding",
            "state",
            "verdict",
            "error",
            "can",
            "created_at",
            "due_at",
            "state_changed_at",
            "accepted_at",
            "delivered_at",
        )
        read_only_fields = fields

    def get_number(self, message: Message) -> str | None:
        return message.address.address if message.address else None

    def get_sender(self, message: Message) -> str | None:
        return message.sender.address if message.sender else None

    @extend_schema_field(Verdict(allow_null=True))
    def get_verdict(self, message: Message) -> Any:
        return message.verdict

    @extend_schema_field(SendError(allow_null=True))
    def get_error(self, message: Message) -> dict[str, str] | None:
        if not message.error_code and not message.error_sentence:
            return None
        return {"code": message.error_code, "sentence": message.error_sentence}

    @extend_schema_field(MessageCan)
    def get_can(self, message: Message) -> dict[str, bool]:
        return {"cancel": message.state in status.WITHDRAWABLE}


class MessageFilters(CreatedFilters):
    candidate = UUIDFilter("candidate_id")
    conversation = UUIDFilter("conversation_id")
    direction = ChoiceFilter(choices=DIRECTIONS)
    state = ChoiceFilter(choices=STATES)

    class Meta:
        model = Message
        fields: tuple[str, ...] = ()


EXAMPLES: Final = [OpenApiExample("A text", EXAMPLE, response_only=True)]
SENDING: Final = {
    "candidate": EXAMPLE["candidate"],
    "body": "Hi $firstName, are you free on Monday?",
}
