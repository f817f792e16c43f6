"""What time alone changes: leases that ran out, holds that ended, texts too old to send."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from credits import windows
from messaging.conversations import status, threads
from messaging.conversations.models import Message
from messaging.dispatch import receipts, withdrawing
from messaging.dispatch.outbox import OUTBOX
from textengage.lib import live, sql

LEASE: Final = timedelta(seconds=60)
BATCH: Final = 500

STALE = """
SELECT id FROM messaging_message
WHERE state = %s AND state_changed_at < app_now() - %s::interval
ORDER BY state_changed_at LIMIT %s
"""

DOUBT = """
WITH chosen AS (
    SELECT id FROM messaging_message
    WHERE state = 'sending' AND state_changed_at < app_now() - %s::interval
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE messaging_message m SET state = 'uncertain', state_changed_at = app_now()
FROM chosen WHERE m.id = chosen.id RETURNING m.customer_id, m.conversation_id
"""

RELEASE = """
WITH chosen AS (
    SELECT id FROM messaging_message
    WHERE state = 'held' AND due_at <= (SELECT app_now()) AND expires_at > (SELECT app_now())
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE messaging_message m SET state = 'queued', state_changed_at = app_now()
FROM chosen WHERE m.id = chosen.id RETURNING m.id
"""

EXPIRE = """
WITH chosen AS (
    SELECT id FROM messaging_message
    WHERE state IN ('held', 'queued') AND expires_at <= (SELECT app_now())
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
)
UPDATE messaging_message m SET state = 'expired', state_changed_at = app_now()
FROM chosen WHERE m.id = chosen.id RETURNING m.customer_id, m.conversation_id
"""


def sweep() -> int:
    """Do all of it once; returns how many texts moved."""
    receipts.find_parked()
    return end_leases() + doubt() + release() + expire()


@transaction.atomic
def end_leases() -> int:
    """Claimed for longer than the lease: nobody is going to send it, so queue it again."""
    stale = sql.rows(STALE, status.CLAIMED, LEASE, BATCH)
    return give_back([id for id, *_ in stale]) if stale else 0


@transaction.atomic
def give_back(message_ids: Sequence[UUID]) -> int:
    """Queue claimed texts again, at once, with their contacts given back."""
    if not message_ids:
        return 0
    claimed = Message.objects.filter(id__in=message_ids)
    people = claimed.values_list("customer_id", "contact_key")
    windows.lock((customer, key) for customer, key in people if key)
    back = withdrawing.withdraw(
        message_ids, to=status.QUEUED, reason="not sent", states=[status.CLAIMED]
    )
    live.wake(OUTBOX)
    return len(back)


@transaction.atomic
def doubt() -> int:
    """Sending for longer than the lease: the worker is gone, the answer may be lost."""
    return _announced(sql.rows(DOUBT, LEASE, BATCH))


@transaction.atomic
def release() -> int:
    """Held until an instant that has come: the gate looks again at the claim."""
    released = len(sql.rows(RELEASE, BATCH))
    if released:
        live.wake(OUTBOX)
    return released


@transaction.atomic
def expire() -> int:
    """Waited longer than it is worth sending: it ends, and the author sees it."""
    return _announced(sql.rows(EXPIRE, BATCH))


def _announced(moved: Sequence[tuple[Any, ...]]) -> int:
    if moved:
        threads.summarize((customer, thread) for customer, thread in moved)
    return len(moved)
