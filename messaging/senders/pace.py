"""How fast each sender may send: its allowance in segments per second, shared by all pumps.

The row says when the sender is free again. A text of ``n`` segments moves that instant on
by ``n`` divided by the allowance. Twilio queues what comes faster, for up to ten hours and
out of our hands; a text that waits here can still be stopped, canceled and explained.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from textengage.lib import sql

SHARE: Final = 0.975
"""Of the allowance. What is kept back covers texts of one sender that reach the carrier
closer together than they were sent, so that no ten seconds ever hold more than allowed."""
CATCH_UP: Final = timedelta(seconds=0.2)
"""How late a claim may be without the sender losing what it might have sent meanwhile."""
LONGEST_REST: Final = 1.0
SHORTEST_REST: Final = 0.02
"""Seconds between two looks at senders that are busy."""

ENSURE = """
INSERT INTO messaging_pace (sender_id, customer_id, free_at)
SELECT id, customer_id, app_now() - interval '1 day'
FROM messaging_sender WHERE id = ANY(%s::uuid[])
ON CONFLICT DO NOTHING
"""

# Never waits: a sender that another pump is claiming for has its turn next time.
LOCK = """
SELECT p.sender_id, greatest(p.free_at, app_now() - %s), app_now(), s.segments_per_second::float8
FROM messaging_pace p JOIN messaging_sender s ON s.id = p.sender_id
WHERE p.sender_id = ANY(%s::uuid[])
ORDER BY p.sender_id FOR UPDATE OF p SKIP LOCKED
"""

SPEND = """
UPDATE messaging_pace p SET free_at = t.free_at
FROM unnest(%s::uuid[], %s::timestamptz[]) AS t (id, free_at) WHERE p.sender_id = t.id
"""

DELAY = """
UPDATE messaging_pace p SET free_at = free_at + t.seconds * interval '1 second'
FROM (SELECT * FROM unnest(%s::uuid[], %s::float8[]) AS t (id, seconds) ORDER BY id) t
WHERE p.sender_id = t.id
"""

NEXT = """
SELECT extract(epoch FROM min(free_at) - app_now())::float8 FROM messaging_pace
WHERE free_at > app_now() - interval '1 second'
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one sender may send at an instant. ``rate`` in segments per second."""

    free_at: datetime
    now: datetime
    rate: float

    @property
    def is_free(self) -> bool:
        """Whether one more text may go, whatever its length."""
        return self.free_at <= self.now

    def after(self, segments: int) -> "Allowance":
        """What is left after a text."""
        seconds = max(segments, 1) / (self.rate * SHARE)
        return replace(self, free_at=self.free_at + timedelta(seconds=seconds))


Load = tuple[UUID, int]
"""(sender id, segments) of one text"""
Allowances = dict[UUID, Allowance]


def lock(sender_ids: Collection[UUID]) -> Allowances:
    """The allowances of the senders nobody else is claiming for, held until the commit."""
    ids = list(set(sender_ids))
    found = _lock(ids)
    if len(found) < len(ids):
        sql.run(ENSURE, [id for id in ids if id not in found])
        found = _lock(ids)
    return found


def _lock(ids: list[UUID]) -> Allowances:
    return {id: Allowance(*rest) for id, *rest in sql.rows(LOCK, CATCH_UP, ids)}


def affordable(allowances: Allowances, loads: Iterable[Load]) -> list[bool]:
    """For each text in turn, whether its sender may send it after those before it."""
    left = dict(allowances)
    answers = []
    for sender_id, segments in loads:
        allowance = left.get(sender_id)
        answers.append(allowance is not None and allowance.is_free)
        if allowance is not None and allowance.is_free:
            left[sender_id] = allowance.after(segments)
    return answers


def spend(allowances: Allowances, loads: Iterable[Load]) -> None:
    """Write when the senders of these texts are free again. The caller holds their rows."""
    spent: Allowances = {}
    for sender_id, segments in loads:
        spent[sender_id] = spent.get(sender_id, allowances[sender_id]).after(segments)
    sql.run(SPEND, list(spent), [each.free_at for each in spent.values()])


def delay(seconds: Mapping[UUID, float]) -> None:
    """Let senders wait longer: what they sent last reached the wire so much later."""
    sql.run(DELAY, list(seconds), list(seconds.values()))


def rest() -> float:
    """Seconds until a sender that was busy lately is free again."""
    ((seconds,),) = sql.rows(NEXT)
    return LONGEST_REST if seconds is None else min(max(seconds, SHORTEST_REST), LONGEST_REST)
