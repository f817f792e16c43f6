"""A text's way, one step at a time, as the pages, the pump and the carrier take it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.models import User
from credits.models import Balance
from messaging.conversations.models import Attempt, Conversation, Message, Receipt
from messaging.dispatch import claim, outbox, receipts, reconcile, settle, wire
from messaging.dispatch.claim import Claimed
from messaging.dispatch.drafting import Draft
from messaging.dispatch.reconcile import Doubtful
from messaging.dispatch.settle import Settled
from messaging.providers import Answer, Outcome
from messaging.senders.models import ProviderAccount
from textengage.lib.ids import new_id

FAILED = Answer(Outcome.FAILED, http_status=400, error_code="30007")
NOT_SENT = Answer(Outcome.NOT_SENT, error_code="unreachable", retry_after=5)
UNCERTAIN = Answer(Outcome.UNCERTAIN)


def press_send(thread: Conversation, body: str = "Hi $firstName", **fields: Any) -> Message:
    """Rita, or whoever owns the thread, writes a text."""
    assert thread.owner is not None
    return outbox.send(Draft(thread, body, **fields), by=thread.owner)


def queued(thread: Conversation, body: str = "Hi", *, by: User | None = None, **of: Any) -> Message:
    """One row as a campaign or a connected system queues it."""
    (message,) = outbox.queue([Draft(thread, body, **of)], by=by or thread.owner)
    return message


def claimed(limit: int = 100) -> list[Claimed]:
    return claim.claim(limit)


def on_the_wire() -> list[Claimed]:
    """Claim what is due and mark it as sending."""
    going = claimed()
    allowed = wire.start([each.attempt_id for each in going])
    return [each for each in going if each.attempt_id in allowed]


def answered(going: Sequence[Claimed], answer: Answer | None = None) -> None:
    """Settle each with the answer; with an id of its own when there is none given."""
    settle.settle([Settled(each.message_id, each.attempt_id, answer or yes()) for each in going])


def yes(sid: str = "") -> Answer:
    return Answer(Outcome.ACCEPTED, provider_sid=sid or f"SM{new_id().hex}", http_status=201)


def sent(thread: Conversation, answer: Answer | None = None) -> Message:
    """A text pressed, claimed, on the wire, answered."""
    message = press_send(thread)
    answered(on_the_wire(), answer)
    message.refresh_from_db()
    return message


def given_up(message: Message) -> Message:
    """A text in doubt that nobody found until the horizon."""
    message.refresh_from_db()
    attempt = Attempt.objects.get(message=message, finished_at=None)
    assert attempt.wire_at
    assert message.account_id
    reconcile.give_up(
        Doubtful(
            attempt_id=attempt.id,
            message_id=message.id,
            customer_id=message.customer_id,
            account_id=message.account_id,
            wire_at=attempt.wire_at,
            recipient="",
            sender="",
            body="",
        )
    )
    message.refresh_from_db()
    return message


def receive(
    status: str, *, of: Message | None = None, attempt: UUID | None = None, **fields: Any
) -> Receipt:
    """Store a receipt as the hooks do: for a text's latest attempt, or for any attempt."""
    account = ProviderAccount.objects.get(customer__name="Acme")
    if of is not None:
        latest = Attempt.objects.filter(message=of).order_by("-number").first()
        assert latest is not None
        attempt = latest.id
        fields = {"provider_sid": Message.objects.get(id=of.id).provider_sid or "SM1"} | fields
    return Receipt.objects.create(
        customer=account.customer, account=account, attempt_id=attempt, status=status, **fields
    )


def report(status: str, *, of: Message, **fields: Any) -> str:
    """A receipt stored and applied; the text's state after it."""
    receive(status, of=of, **fields)
    receipts.apply_waiting()
    return state(of)


def state(message: Message | UUID) -> str:
    id = message.id if isinstance(message, Message) else message
    return Message.objects.get(id=id).state


def states(*messages: Message) -> list[str]:
    return [state(message) for message in messages]


def outcomes(message: Message) -> list[str]:
    """What came of each attempt, in order."""
    attempts = Attempt.objects.filter(message=message).order_by("number")
    return list(attempts.values_list("outcome", flat=True))


def balance() -> int:
    return Balance.objects.get(customer__name="Acme").balance
