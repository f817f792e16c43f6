"""Resolving texts in doubt by asking the provider what it accepted (RELIABILITY 2.2).

One text per person is in flight at most, so a match by recipient, sender, body and time
is the text itself, even when two texts read the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from credits import ledger, windows
from messaging.conversations import status, threads
from messaging.conversations.models import Attempt, Message
from messaging.dispatch import withdrawing
from messaging.dispatch.settle import Settled, settle
from messaging.providers import Answer, Outcome, Sent
from textengage.lib import clock, sql

# Since the attempt; after the last one a text that is nowhere is taken as absent.
SCHEDULE: Final = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 900))
HORIZON: Final = SCHEDULE[-1]
BATCH: Final = 100

DUE = """
SELECT a.id, m.id, m.customer_id, m.account_id, a.wire_at, ad.address, s.address, m.body
FROM messaging_message m
JOIN messaging_attempt a ON a.message_id = m.id AND a.finished_at IS NULL
JOIN messaging_address ad ON ad.id = m.address_id
JOIN messaging_sender s ON s.id = m.sender_id
WHERE m.state = 'uncertain' AND a.lookups < %s
  AND a.wire_at + (%s::interval[])[a.lookups + 1] <= (SELECT app_now())
ORDER BY a.wire_at LIMIT %s
"""

LOOKED_UP = """
UPDATE messaging_attempt SET looked_up_at = app_now(), lookups = (
    SELECT count(*) FROM unnest(%s::interval[]) AS step WHERE wire_at + step <= app_now())
WHERE id = %s
"""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An attempt whose answer is not known, and what to look for."""

    attempt_id: UUID
    message_id: UUID
    customer_id: UUID
    account_id: UUID
    wire_at: datetime
    recipient: str
    sender: str
    body: str


def due() -> list[Doubtful]:
    """Attempts in doubt whose next look-up has come."""
    return [Doubtful(*row) for row in sql.rows(DUE, len(SCHEDULE), list(SCHEDULE), BATCH)]


def resolve(doubtful: Doubtful, found: Sequence[Sent]) -> None:
    """Bind the text the provider lists, or note that it was not there (yet)."""
    known = set(
        Message.objects.filter(
            account_id=doubtful.account_id, provider_sid__in=[sent.provider_sid for sent in found]
        ).values_list("provider_sid", flat=True)
    )
    matches = [
        sent
        for sent in found
        if sent.provider_sid not in known
        and sent.sender == doubtful.sender
        and sent.body == doubtful.body
    ]
    if len(matches) == 1:
        answer = Answer(Outcome.ACCEPTED, provider_sid=matches[0].provider_sid)
        settle([Settled(doubtful.message_id, doubtful.attempt_id, answer)])
        return
    sql.run(LOOKED_UP, list(SCHEDULE), doubtful.attempt_id)
    if clock.now() >= doubtful.wire_at + HORIZON:
        give_up(doubtful, is_absent=not matches)


@transaction.atomic
def give_up(doubtful: Doubtful, *, is_absent: bool = True) -> None:
    """At the horizon absent bulk texts are queued again, typed ones are for their author.

    So is any text that the provider lists more than once: it left, but which one is it?
    An unconfirmed text keeps its charge and its instant for good.
    """
    message = Message.objects.select_related("candidate").get(id=doubtful.message_id)
    windows.lock([(message.customer_id, message.candidate.contact_key)])
    bulk = is_absent and message.kind == Message.CAMPAIGN
    changed = Message.objects.filter(id=message.id, state=status.UNCERTAIN).update(
        state=status.QUEUED if bulk else status.UNCONFIRMED, state_changed_at=clock.now()
    )
    if not changed:
        return
    if bulk:
        ledger.give_back([message.id], reason="absent at the carrier")
    withdrawing.close_attempts([message.id], outcome="absent")
    Attempt.objects.filter(id=doubtful.attempt_id).update(looked_up_at=clock.now())
    threads.summarize([(message.customer_id, message.conversation_id)])
