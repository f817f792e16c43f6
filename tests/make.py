"""Plain builders for rows that tests need many of."""

from datetime import timedelta
from typing import Any

from accounts.models import User
from messaging.candidates import roster
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Conversation, Message
from messaging.senders.models import Sender
from textengage.cast import Company
from textengage.lib import clock


def candidate(company: Company, number: int = 0, **fields: Any) -> Candidate:
    """One of many: their number ends in 1000 + ``number``. Needs the company in scope."""
    given: dict[str, Any] = {
        "first_name": f"Number{number}",
        "last_name": "Person",
        "number": f"+1510555{1000 + number}",
        "by": next(iter(company.people.values())),
    }
    return roster.add(company.customer, **(given | fields))


def thread(company: Company, with_: Candidate, owner: User | None = None) -> Conversation:
    return threads.open_with(with_, by=owner or next(iter(company.people.values())))


def inbound(conversation: Conversation, body: str = "Hello", **fields: Any) -> Message:
    """A text from the person, as intake leaves it."""
    return _message(conversation, body, {"direction": "in", "state": "received"} | fields)


def outbound(conversation: Conversation, body: str = "Hi", **fields: Any) -> Message:
    """A delivered text of the thread's owner, without its charge."""
    now = clock.now()
    sent = {
        "direction": "out",
        "state": "delivered",
        "author": conversation.owner,
        "licensee": conversation.owner,
        "contact_key": conversation.candidate.contact_key,
        "decided_at": now - timedelta(seconds=2),
        "accepted_at": now - timedelta(seconds=1),
    }
    return _message(conversation, body, sent | fields)


def _message(conversation: Conversation, body: str, fields: dict[str, Any]) -> Message:
    candidate = conversation.candidate
    message = Message.objects.create(
        customer_id=conversation.customer_id,
        conversation=conversation,
        candidate=candidate,
        address=candidate.addresses.first(),
        sender=Sender.objects.filter(customer_id=conversation.customer_id).first(),
        body=body,
        segments=1,
        **fields,
    )
    threads.summarize([(conversation.customer_id, conversation.id)])
    return message
