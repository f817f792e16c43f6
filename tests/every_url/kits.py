"""What one person has at a customer: candidates, threads and texts, each with its words."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from accounts.models import Customer, User
from messaging.candidates import optout, roster
from messaging.candidates.consent import Evidence
from messaging.candidates.models import Candidate
from messaging.conversations import status, threads
from messaging.conversations.models import Conversation, Message
from messaging.models import Sender
from textengage.lib import clock

Kit = dict[str, tuple[Any, str]]


def build(customer: Customer, user: User, numbers: Iterator[str]) -> Kit:
    """Two threads of a person's own: one that waits for an answer, one with texts on the way."""
    stem = user.first_name
    asking = candidate(customer, f"{stem}-asks", next(numbers), by=user)
    asked = candidate(customer, f"{stem}-asked", next(numbers), by=user)
    needs_reply = threads.open_with(asking, by=user)
    waiting = threads.open_with(asked, by=user)
    received = inbound(needs_reply, f"{stem}-asks-text")
    now = clock.now()
    sent = outbound(waiting, f"{stem}-sent-text", state=status.DELIVERED)
    failed = outbound(waiting, f"{stem}-failed-text", state=status.FAILED)
    unconfirmed = outbound(waiting, f"{stem}-unconfirmed-text", state=status.UNCONFIRMED)
    doubtful = outbound(waiting, f"{stem}-doubtful-text", state=status.UNCERTAIN)
    scheduled = outbound(
        waiting, f"{stem}-scheduled-text", state=status.QUEUED, due_at=now + timedelta(hours=1)
    )
    return {
        "myself": (user, user.first_name),
        "candidate": (asking, asking.first_name or ""),
        "thread": (needs_reply, received.body or ""),
        "waiting": (waiting, sent.body or ""),
        "failed": (failed, failed.body or ""),
        "unconfirmed": (unconfirmed, unconfirmed.body or ""),
        "doubtful": (doubtful, doubtful.body or ""),
        "scheduled": (scheduled, scheduled.body or ""),
        "message": (received, received.body or ""),
    }


def of_nobody(customer: Customer, mark: str, numbers: Iterator[str]) -> Kit:
    """The customer's rows that are no one person's."""
    lost = candidate(customer, f"{mark}-lost", next(numbers), by=None)
    nobodys = threads.open_with(lost, by=None)
    inbound(nobodys, f"{mark}-lost-text")
    stopped = candidate(customer, f"{mark}-stopped", next(numbers), by=None)
    given = optout.record(stopped, source="sms", word="STOP", evidence=f"{mark} stop")
    silent = candidate(customer, f"{mark}-silent", next(numbers), by=None)
    purged = candidate(customer, f"{mark}-purged", next(numbers), by=None)
    closed = threads.open_with(purged, by=None)
    purged.addresses.all().delete()
    Candidate.objects.filter(id=purged.id).update(
        first_name=None, last_name=None, email="", purged_at=clock.now()
    )
    return {
        "nobodys": (nobodys, f"{mark}-lost-text"),
        "stopped": (stopped, stopped.first_name or ""),
        "optout": (given, given.evidence),
        "silent": (silent, silent.first_name or ""),
        "purged": (purged, ""),
        "closed": (closed, ""),
    }


def candidate(customer: Customer, word: str, number: str, *, by: User | None) -> Candidate:
    return roster.add(
        customer,
        first_name=word,
        last_name=f"{word}-last",
        number=number,
        current_title=f"{word}-title",
        job=f"{word}-job",
        email=f"{word}@candidates.example",
        evidence=Evidence("application", f"{word} agrees"),
        by=by,
    )


def inbound(thread: Conversation, body: str) -> Message:
    return _message(thread, body, {"direction": "in", "state": status.RECEIVED})


def outbound(thread: Conversation, body: str, **fields: Any) -> Message:
    now = clock.now()
    facts = {
        "direction": "out",
        "author": thread.owner,
        "licensee": thread.owner,
        "contact_key": thread.candidate.contact_key,
        "decided_at": now,
        "accepted_at": now,
        "expires_at": now + timedelta(days=1),
        "error_sentence": f"{body}-error",
    }
    return _message(thread, body, facts | fields)


def _message(thread: Conversation, body: str, fields: dict[str, Any]) -> Message:
    message = Message.objects.create(
        customer_id=thread.customer_id,
        conversation=thread,
        candidate=thread.candidate,
        address=thread.candidate.addresses.first(),
        sender=Sender.objects.filter(customer_id=thread.customer_id).first(),
        body=body,
        segments=1,
        **fields,
    )
    threads.summarize([(thread.customer_id, thread.id)])
    return message
