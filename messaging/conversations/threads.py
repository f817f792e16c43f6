"""A person's one thread: opening it, and keeping its summary equal to its newest text."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import transaction

from accounts.models import User
from messaging.candidates.models import Candidate
from messaging.conversations.models import Conversation
from textengage.lib import live, sql
from textengage.lib.ids import new_id

# The owner, when new, is whoever writes first; a concurrent opening finds the same row.
OPEN = """
INSERT INTO messaging_conversation
    (id, customer_id, candidate_id, owner_id, state, last_direction, last_preview, version)
VALUES (%s, %s, %s, %s, 'open', '', '', 0)
ON CONFLICT ON CONSTRAINT messaging_conversation_one_thread DO NOTHING
"""

# In a statement of its own: the summary must be read after the wait, or a text committed
# meanwhile would be overwritten with an older one.
LOCK = "SELECT 1 FROM messaging_conversation WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"

# The newest text says who spoke last; what never left says nothing, and a STOP, START or
# HELP waits for no answer. A wait begins with the person's first unanswered text. A text
# that came late is news from when it was found: nobody had seen it before, whatever was
# written meanwhile.
SUMMARIZE = """
UPDATE messaging_conversation c SET
    last_message_at = m.reached_at,
    last_direction = CASE WHEN m.kind <> 'compliance' THEN m.direction ELSE '' END,
    last_preview = left(coalesce(m.body, ''), 120),
    last_author_id = m.author_id,
    last_sender_id = coalesce(m.sender_id, c.last_sender_id),
    waiting_since = CASE WHEN m.direction = 'in' AND m.kind <> 'compliance' THEN
        coalesce(CASE WHEN c.last_direction = 'in' THEN c.waiting_since END, m.created_at) END,
    state = CASE WHEN m.direction = 'in' THEN 'open' ELSE c.state END,
    version = c.version + 1
FROM unnest(%s::uuid[]) AS changed (id)
LEFT JOIN LATERAL (
    SELECT * FROM (
        (SELECT m.*, m.created_at AS reached_at FROM messaging_message m
        WHERE m.conversation_id = changed.id
          AND m.state NOT IN ('canceled', 'refused', 'expired', 'failed')
          AND NOT (m.kind = 'compliance' AND m.direction = 'out')
        ORDER BY m.created_at DESC, m.id DESC LIMIT 1)
        UNION ALL
        (SELECT m.*, m.recovered_at AS reached_at FROM messaging_message m
        WHERE m.conversation_id = changed.id AND m.recovered_at IS NOT NULL
        ORDER BY m.recovered_at DESC LIMIT 1)
    ) newest ORDER BY reached_at DESC LIMIT 1
) m ON true
WHERE c.id = changed.id
"""

ADOPT = """
UPDATE messaging_conversation SET owner_id = %s WHERE id = ANY(%s::uuid[]) AND owner_id IS NULL
"""

Thread = tuple[UUID, UUID]
"""(customer id, conversation id)"""


def open_with(candidate: Candidate, *, by: User | None) -> Conversation:
    """The person's thread, made if there is none yet."""
    owner = by.id if by and by.customer_id == candidate.customer_id else None
    sql.run(OPEN, new_id(), candidate.customer_id, candidate.id, owner)
    return Conversation.objects.select_related("candidate", "owner", "last_sender").get(
        candidate=candidate, team__isnull=True
    )


def adopt(conversation_ids: Collection[UUID], *, by: User) -> None:
    """Whoever writes in a thread that nobody owns takes it."""
    sql.run(ADOPT, by.id, list(conversation_ids))


def summarize(threads: Iterable[Thread]) -> None:
    """Repeat the newest text in the threads' own rows, and tell open pages and lists."""
    changed = set(threads)
    ids = [thread for _, thread in changed]
    with transaction.atomic(savepoint=False):
        sql.run(LOCK, ids)
        sql.run(SUMMARIZE, ids)
    live.changed_many(
        [
            *((customer, "thread", thread, 0) for customer, thread in changed),
            *((customer, "inbox", customer, 0) for customer, _ in changed),
        ]
    )


def announce(threads: Iterable[Thread]) -> None:
    """Tell open pages that something inside these threads changed, such as a tick."""
    live.changed_many((customer, "thread", thread, 0) for customer, thread in threads)
