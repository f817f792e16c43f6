"""Proof that comes late: a text that was taken for absent turns out to have left.

Meanwhile it may have been queued again, taken back or refused, its contact given back. It is
moved forward with its provider's id, so that it does not go twice, and counts as if nobody
had ever doubted it. Where a second handing over is already on the wire, nothing can be undone:
the text keeps the best that is known of it, and each attempt says what became of it.
"""

import logging
from uuid import UUID

from django.db import transaction

from credits import ledger, windows
from credits.ledger import Texted, Texting
from messaging.conversations import status, threads
from messaging.conversations.models import Attempt, Message
from messaging.dispatch import errors, withdrawing
from textengage.lib import clock, sql

log = logging.getLogger(__name__)

# The person's texts that count just before and just after an instant, by way of their
# threads, which have an index.
NEIGHBORS = """
WITH counted AS (
    SELECT m.id, m.decided_at FROM messaging_message m
    WHERE m.conversation_id IN (
        SELECT id FROM messaging_conversation WHERE customer_id = %(customer)s
            AND candidate_id = %(candidate)s)
      AND m.contact_key = %(person)s AND m.direction = 'out' AND m.kind <> 'compliance'
      AND m.state = ANY(%(states)s) AND m.id <> %(id)s
)
(SELECT id, decided_at, false FROM counted WHERE (decided_at, id) < (%(at)s, %(id)s)
 ORDER BY decided_at DESC, id DESC LIMIT 1)
UNION ALL
(SELECT id, decided_at, true FROM counted WHERE (decided_at, id) > (%(at)s, %(id)s)
 ORDER BY decided_at, id LIMIT 1)
"""


@transaction.atomic
def prove(
    message_id: UUID, attempt_id: UUID, sid: str, *, state: str = status.ACCEPTED, code: str = ""
) -> bool:
    """The provider has this attempt's text under this id, in this state; whether it moved.

    Raises IntegrityError if the id is another text's. Safe to repeat, in any order.
    """
    person = Message.objects.filter(id=message_id).values_list(
        "customer_id", "contact_key", "candidate__contact_key"
    )
    customer_id, *keys = person.get()
    windows.lock((customer_id, key) for key in keys if key)
    message = Message.objects.select_for_update(of=("self",)).get(id=message_id)
    attempt = Attempt.objects.get(id=attempt_id)
    if message.state == status.CLAIMED:
        # Another try was about to go: it does not.
        back = [status.CLAIMED]
        withdrawing.withdraw([message.id], to=status.QUEUED, reason="had left", states=back)
        message.state = status.QUEUED
    returns = message.state in status.NEVER_LEFT
    moved = _move(message, attempt, sid, state, code)
    _note(attempt, sid)
    withdrawing.close_attempts([message.id], outcome="uncertain")
    if returns and message.kind != Message.COMPLIANCE:
        _count_again(message)
    if moved:
        threads.summarize([(message.customer_id, message.conversation_id)])
    return moved


def _move(message: Message, attempt: Attempt, sid: str, state: str, code: str) -> bool:
    if status.RANK[state] <= status.RANK.get(message.state, 0):
        return False
    now = clock.now()
    if message.state in status.NEVER_LEFT:
        message.decided_at = attempt.claimed_at
    message.state, message.state_changed_at = state, now
    message.provider_sid = message.provider_sid or sid
    message.accepted_at = message.accepted_at or now
    if state in (status.DELIVERED, status.READ):
        message.delivered_at = message.delivered_at or now
    message.error_code = code if state == status.UNDELIVERED else ""
    sentence = errors.meaning_of(code).sentence if message.error_code else ""
    message.error_sentence = sentence
    message.save(
        update_fields=[
            "decided_at",
            "state",
            "state_changed_at",
            "provider_sid",
            "accepted_at",
            "delivered_at",
            "error_code",
            "error_sentence",
        ]
    )
    return True


def _note(attempt: Attempt, sid: str) -> None:
    """The attempt's own evidence stays; a second id for one attempt is only logged."""
    if attempt.outcome == "accepted":
        if attempt.provider_sid != sid:
            log.error("attempt %s was taken twice: %s too", attempt.id, sid)
        return
    attempt.outcome, attempt.provider_sid = "accepted", sid
    attempt.finished_at = attempt.finished_at or clock.now()
    attempt.save(update_fields=["outcome", "provider_sid", "finished_at"])


def _count_again(message: Message) -> None:
    assert message.contact_key
    assert message.decided_at
    found = sql.rows(
        NEIGHBORS,
        customer=message.customer_id,
        candidate=message.candidate_id,
        person=message.contact_key,
        states=list(status.COUNTED),
        id=message.id,
        at=message.decided_at,
    )
    texted = {is_after: Texted(id, at) for id, at, is_after in found}
    before = texted.get(False)
    ledger.reinstate(
        Texting(message.customer_id, message.contact_key, message.id, message.author_id),
        at=message.decided_at,
        previous=before.at if before else None,
        following=texted.get(True),
    )
