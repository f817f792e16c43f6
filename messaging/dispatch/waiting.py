"""What a queued text waits for, and letting it go before the one in front is confirmed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from accounts import audit
from accounts.models import User
from credits import windows
from messaging.channels import phone
from messaging.conversations import status, threads
from messaging.conversations.models import Message
from messaging.dispatch import withdrawing
from messaging.dispatch.explaining import explain
from messaging.dispatch.outbox import OUTBOX
from messaging.dispatch.reconcile import HORIZON
from messaging.gate.verdict import Effect
from messaging.senders import pauses
from messaging.senders.models import Sender
from textengage.lib import clock, live, sql
from textengage.lib.refusal import Refused

MANY: Final = 10_001
"""Texts in front of another one are counted so far."""
SOON: Final = timedelta(seconds=5)
"""Nobody needs to be told of a shorter wait."""

# In the order in which the claim takes one sender's texts.
AHEAD = """
SELECT m.id, s.address, count(a.segments),
    (coalesce(sum(a.segments), 0) / s.segments_per_second)::float8 * interval '1 second'
FROM messaging_message m
JOIN messaging_sender s ON s.id = m.sender_id
LEFT JOIN LATERAL (
    SELECT greatest(a.segments, 1) AS segments FROM messaging_message a
    WHERE a.sender_id = m.sender_id AND a.state = 'queued'
      AND (a.priority, a.due_at, a.id) < (m.priority, m.due_at, m.id)
    LIMIT %s) a ON true
WHERE m.id = ANY(%s::uuid[]) GROUP BY m.id, s.address, s.segments_per_second
"""


@dataclass(frozen=True, slots=True)
class Wait:
    """``sentence`` has no full stop; ``until`` is empty if nobody can say.

    ``may_be_ended``: it waits for an earlier text in doubt, which need not be waited for.
    """

    sentence: str
    until: datetime | None
    may_be_ended: bool = False


def waits_of(texts: Iterable[Message], now: datetime) -> dict[UUID, Wait]:
    """What the queued ones among these texts wait for, those that are due and still wait."""
    due = [
        text
        for text in texts
        if text.state == status.QUEUED and text.due_at is not None and text.due_at <= now
    ]
    if not due:
        return {}
    doubts = _doubts_of({text.candidate_id for text in due})
    senders = Sender.objects.select_related("account").in_bulk(
        {text.sender_id for text in due if text.sender_id}
    )
    closed = pauses.countries_closed(senders, now)
    waits = {text.id: _wait(text, doubts, senders, closed, now) for text in due}
    turns = _turns([text.id for text in due if waits[text.id] is None], now)
    return {id: wait for id, wait in (waits | turns).items() if wait}


def _turns(ids: list[UUID], now: datetime) -> dict[UUID, Wait]:
    """For texts that only wait for their number's turn: how many it sends before them."""
    if not ids:
        return {}
    return {
        id: Wait(f"Waits its turn: {_counted(texts)} from {phone.shown(number)}", now + took)
        for id, number, texts, took in sql.rows(AHEAD, MANY, ids)
        if took >= SOON
    }


def _counted(texts: int) -> str:
    if texts >= MANY:
        return f"more than {MANY - 1:,} texts go first"
    return "1 text goes first" if texts == 1 else f"{texts:,} texts go first"


def _doubts_of(candidate_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When the texts in doubt of some people were handed over, by candidate."""
    doubtful = Message.objects.filter(candidate_id__in=candidate_ids, state=status.UNCERTAIN)
    since = doubtful.annotate(wire_at=Max("attempts__wire_at"))
    return {id: at for id, at in since.values_list("candidate_id", "wire_at") if at}


def _wait(
    text: Message,
    doubts: Mapping[UUID, datetime],
    senders: Mapping[UUID, Sender],
    closed: Mapping[pauses.Place, tuple[str, datetime | None]],
    now: datetime,
) -> Wait | None:
    since = doubts.get(text.candidate_id)
    if since:
        sentence = "Waits for the previous text to be confirmed"
        return Wait(sentence, since + HORIZON, may_be_ended=True)
    sender = senders.get(text.sender_id) if text.sender_id else None
    if sender and sender.is_paused(now):
        why, until = sender.wait(now)
        return Wait(f"Waits: {why}", until)
    region = text.address.region if sender and closed and text.address else ""
    place = closed.get((sender.id, text.channel, region)) if sender else None
    return Wait(f"Waits: {place[0]}", place[1]) if place else None


@transaction.atomic
def send_anyway(message: Message, *, by: User) -> None:
    """Let a text go before the earlier one to the same person is confirmed.

    The earlier one stands as unconfirmed, its contact and its instant for good, until proof
    comes. Raises Refused if the text waits for none, or if ``by`` could not send one now.
    """
    verdict = explain(message.conversation, by=by).verdict
    if verdict.effect is Effect.REFUSE:
        raise Refused(verdict.code, verdict.sentence, **verdict.values)
    windows.lock([(message.customer_id, message.candidate.contact_key)])
    doubtful = Message.objects.filter(
        candidate_id=message.candidate_id, state__in=(status.UNCERTAIN, status.QUEUED)
    )
    locked = doubtful.select_for_update(of=("self",)).order_by("id")
    earlier = [each for each in locked if each.state == status.UNCERTAIN]
    if not earlier or message.id not in {each.id for each in locked}:
        raise Refused("not_waiting", "This text waits for no other one any more.")
    ids = [each.id for each in earlier]
    withdrawing.close_attempts(ids, outcome="uncertain")
    Message.objects.filter(id__in=ids).update(
        state=status.UNCONFIRMED, state_changed_at=clock.now()
    )
    audit.record("message.sent_anyway", of=message.customer_id, by=by, about=message)
    threads.summarize([(message.customer_id, message.conversation_id)])
    live.wake(OUTBOX)
