"""Receipts: stored once, applied forward only (RELIABILITY 2.2 rule 9).

A receipt finds its text by the attempt's id in the callback address, so it also proves a
text whose answer was lost, and one whose answer comes later than its first receipt.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from messaging.conversations import status, threads
from messaging.dispatch import errors, settle
from textengage.lib import sql

BATCH: Final = 500
PARK_AFTER: Final = timedelta(minutes=10)

WAITING = """
SELECT r.id, r.customer_id, r.provider_sid, r.status, r.error_code, m.id, m.state,
    m.conversation_id, m.provider_sid, a.id
FROM messaging_receipt r
LEFT JOIN messaging_attempt a ON a.id = r.attempt_id AND a.customer_id = r.customer_id
LEFT JOIN messaging_message m ON m.customer_id = r.customer_id AND (
    m.id = a.message_id OR (a.id IS NULL AND m.account_id = r.account_id
                            AND m.provider_sid = r.provider_sid))
WHERE r.applied_at IS NULL AND NOT r.parked
ORDER BY m.id, r.id
LIMIT %s
FOR UPDATE OF r SKIP LOCKED
"""

LOCK = """
SELECT id, state, provider_sid, conversation_id FROM messaging_message
WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE
"""

MOVE = """
UPDATE messaging_message m
SET state = t.state, state_changed_at = app_now(), provider_sid = t.sid,
    accepted_at = coalesce(m.accepted_at, app_now()),
    delivered_at = CASE WHEN t.state IN ('delivered', 'read')
        THEN coalesce(m.delivered_at, app_now()) ELSE m.delivered_at END,
    error_code = t.code, error_sentence = t.sentence
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])
    AS t (id, state, sid, code, sentence)
WHERE m.id = t.id
"""

PROVE = """
UPDATE messaging_attempt SET finished_at = coalesce(finished_at, app_now()),
    outcome = 'accepted', provider_sid = t.sid
FROM unnest(%s::uuid[], %s::text[]) AS t (id, sid)
WHERE messaging_attempt.id = t.id
  AND messaging_attempt.outcome IN ('', 'uncertain', 'absent', 'accepted')
"""

APPLIED = "UPDATE messaging_receipt SET applied_at = app_now() WHERE id = ANY(%s::bigint[])"

PARK = """
UPDATE messaging_receipt SET parked = true
WHERE applied_at IS NULL AND NOT parked AND received_at < app_now() - %s::interval
"""

ANSWERABLE: Final = (status.SENDING, status.UNCERTAIN, status.UNCONFIRMED, *status.LEFT)


def apply_waiting() -> int:
    """Apply stored receipts to their texts; returns how many were looked at.

    Receipts that find no text wait ten minutes for it and are then parked.
    """
    with transaction.atomic():
        looked_at, lessons = _apply()
    for message_id, code in lessons:
        settle.learn(message_id, code)
    return looked_at


def _apply() -> tuple[int, list[tuple[UUID, str]]]:
    rows = sql.rows(WAITING, BATCH)
    if not rows:
        return 0, []
    sql.run(PARK, PARK_AFTER)
    known = sorted({row[5] for row in rows if row[5]})
    texts = {row[0]: _Text(*row) for row in sql.rows(LOCK, known)}
    applied: list[int] = []
    proofs: dict[UUID, str] = {}
    customers: dict[UUID, UUID] = {}
    for id, customer_id, sid, word, code, message_id, *_, attempt_id in rows:
        text = texts.get(message_id)
        if text is None or not text.hears(sid, word, code):
            continue
        applied.append(id)
        customers[message_id] = customer_id
        if attempt_id:
            proofs[attempt_id] = sid
    moved = [text for text in texts.values() if text.moved]
    if moved:
        columns = zip(*(text.row() for text in moved), strict=True)
        sql.run(MOVE, *(list(column) for column in columns))
    sql.run(PROVE, list(proofs), list(proofs.values()))
    sql.run(APPLIED, applied)
    threads.announce((customers[text.id], text.conversation_id) for text in moved)
    lessons = [(text.id, text.code) for text in moved if text.state == status.UNDELIVERED]
    return len(rows), [(id, code) for id, code in lessons if code]


class _Text:
    """A locked text while receipts are applied to it."""

    def __init__(self, id: UUID, state: str, sid: str | None, conversation_id: UUID) -> None:
        self.id, self.state, self.sid, self.conversation_id = id, state, sid, conversation_id
        self.code, self.moved = "", False

    def hears(self, sid: str, word: str, code: str) -> bool:
        """Take one receipt into account; False if it is not about this handing over."""
        new = status.FROM_RECEIPT.get(word)
        if new is None or self.state not in ANSWERABLE or (self.sid and self.sid != sid):
            return False
        if status.RANK[new] > status.RANK.get(self.state, 0):
            self.state, self.sid, self.moved = new, sid, True
            self.code = code if new == status.UNDELIVERED else ""
        return True

    def row(self) -> tuple[UUID, str, str | None, str, str]:
        sentence = errors.meaning_of(self.code).sentence if self.code else ""
        return (self.id, self.state, self.sid, self.code, sentence)
