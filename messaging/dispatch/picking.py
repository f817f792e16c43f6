"""Which due texts go next: what each sender may send, shared fairly between customers.

Only a look: nothing is locked or decided here, and the claim looks again under its locks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from messaging.conversations.models import Message
from messaging.senders import pace, pauses
from textengage.lib import sql

# Every sender with a queue costs one index probe, however long its queue is; each one that is
# free gives as many texts as it may send. Replies before bulk, within that the customers take
# turns, each one's oldest first. Never past an earlier text to the same person, never while
# one of theirs is in flight. A text that waits for another try has a sentence and a new due
# time: whatever was written after it stays behind it. The sub-selects make the instant a
# constant that indexes can serve. Asked for each text by its person, and the end of its worth
# hidden from the planner: by statistics from before a campaign it would look at all texts
# for each one.
PICK = f"""
WITH RECURSIVE queues (sender_id) AS (
    (SELECT sender_id FROM messaging_message
     WHERE state = 'queued' AND sender_id IS NOT NULL ORDER BY sender_id LIMIT 1)
    UNION ALL
    SELECT (SELECT n.sender_id FROM messaging_message n
            WHERE n.state = 'queued' AND n.sender_id > q.sender_id ORDER BY n.sender_id LIMIT 1)
    FROM queues q WHERE q.sender_id IS NOT NULL
), free AS MATERIALIZED (
    SELECT s.id, least(%(limit)s, 1 + floor(s.segments_per_second * extract(
        epoch FROM (SELECT app_now()) - greatest(r.free_at, (SELECT app_now()) - %(catch_up)s)
    )))::int AS room
    FROM queues q JOIN messaging_sender s ON s.id = q.sender_id
    JOIN messaging_provideraccount p ON p.id = s.account_id
    LEFT JOIN messaging_pace r ON r.sender_id = s.id
    WHERE NOT s.account_id = ANY(%(full)s::uuid[])
      AND (r.free_at IS NULL OR r.free_at <= (SELECT app_now()))
      AND {pauses.SENDABLE}
), picked AS MATERIALIZED (
    SELECT m.*, row_number() OVER (
        PARTITION BY m.customer_id, m.priority ORDER BY m.due_at, m.id) AS turn
    FROM free CROSS JOIN unnest(%(kinds)s::int[]) AS kind (priority) CROSS JOIN LATERAL (
        SELECT m.id, m.customer_id, m.sender_id, m.priority, m.due_at, m.segments
        FROM messaging_message m
        WHERE m.sender_id = free.id AND m.state = 'queued' AND m.priority = kind.priority
          AND m.due_at <= (SELECT app_now())
          AND m.expires_at + interval '0' > (SELECT app_now())
          AND (
            SELECT true FROM messaging_message e
            WHERE e.candidate_id = m.candidate_id AND e.id <> m.id
              AND e.state IN ('queued', 'claimed', 'sending', 'uncertain')
              AND (e.state <> 'queued'
                OR CASE WHEN e.error_sentence <> '' THEN (e.created_at, e.id) < (m.created_at, m.id)
                   ELSE m.error_sentence = ''
                    AND (e.due_at, e.created_at, e.id) < (m.due_at, m.created_at, m.id) END)
            LIMIT 1) IS NOT TRUE
        ORDER BY m.due_at, m.id LIMIT free.room
    ) m
)
SELECT id, sender_id, segments FROM picked ORDER BY priority, turn, due_at, id LIMIT %(limit)s
"""  # noqa: S608 - put together from our own words


@dataclass(frozen=True, slots=True)
class Picked:
    """A text whose turn it seems to be."""

    id: UUID
    sender_id: UUID
    segments: int


EVERY_KIND: Final = (Message.REPLY, Message.BULK)


def pick(
    limit: int, full: Collection[UUID] = (), kinds: Collection[int] = EVERY_KIND
) -> list[Picked]:
    """Up to ``limit`` texts that may go now, in their order, none of ``full`` accounts."""
    found = sql.rows(PICK, limit=limit, full=list(full), kinds=list(kinds), catch_up=pace.CATCH_UP)
    return [Picked(*row) for row in found]
