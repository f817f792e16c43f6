"""Receipts: stored once, applied forward only (RELIABILITY 2.2 rule 9).

A receipt finds its text by the attempt's id in the callback address, so it also proves a
text whose answer was lost, and one whose answer comes later than its first receipt. Proof
that comes after the text was given up is `late`'s.
"""

import logging
from datetime import timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from messaging.conversations import status, threads
from messaging.dispatch import consequences, errors, late, withdrawing
from textengage.lib import sql

log = logging.getLogger(__name__)

BATCH: Final = 500
PARK_AFTER: Final = timedelta(minutes=10)

WAITING = """
SELECT r.id, r.customer_id, r.provider_sid, r.status, r.error_code, m.id, a.id,
    a.outcome, a.finished_at IS NULL
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
WHERE id = ANY(%s::uuid[]) AND direction = 'out' ORDER BY id FOR UPDATE
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
WHERE messaging_attempt.id = t.id AND messaging_attempt.outcome <> 'accepted'
"""

APPLIED = "UPDATE messaging_receipt SET applied_at = app_now() WHERE id = ANY(%s::bigint[])"

PARK = """
UPDATE messaging_receipt SET parked = true
WHERE applied_at IS NULL AND NOT parked AND received_at < app_now() - %s::interval
  AND NOT id = ANY(%s::bigint[])
"""
PARK_NOW = "UPDATE messaging_receipt SET parked = true WHERE id = ANY(%s::bigint[])"

UNPARK = """
UPDATE messaging_receipt r SET parked = false
FROM messaging_message m
WHERE r.parked AND r.applied_at IS NULL AND NOT EXISTS (
    SELECT FROM messaging_attempt a WHERE a.id = r.attempt_id AND a.customer_id = r.customer_id)
  AND m.account_id = r.account_id AND m.provider_sid = r.provider_sid
  AND m.direction = 'out' AND r.status = ANY(%s)
"""


class Waiting(NamedTuple):
    """A stored receipt, and the text and the attempt it is about, if they are known."""

    id: int
    customer_id: UUID
    sid: str
    word: str
    code: str
    message_id: UUID | None
    attempt_id: UUID | None
    outcome: str | None
    is_open: bool


def apply_waiting() -> int:
    """Apply stored receipts to their texts; returns how many were looked at.

    Receipts that find no text wait ten minutes for it and are then parked.
    """
    try:
        looked_at, lessons, later = _apply(BATCH)
    except IntegrityError:
        # One names an id that is another text's: it must not hold up the rest.
        looked_at, lessons, later = _apply_one_by_one()
    for each in later:
        lessons += _apply_late(each)
    if lessons:
        with transaction.atomic():
            consequences.learn(lessons)
    return looked_at


def find_parked() -> int:
    """Let parked receipts be looked at again whose text is known by now; returns how many."""
    return sql.run(UNPARK, list(status.FROM_RECEIPT))


Applied = tuple[int, list[consequences.Lesson], list[Waiting]]
"""(how many were looked at, what their errors teach, those that prove something late)"""


@transaction.atomic
def _apply(limit: int, only: int | None = None) -> Applied:
    rows = [Waiting(*row) for row in sql.rows(WAITING, limit)]
    if not rows:
        return 0, [], []
    rows = [row for row in rows if only in (None, row.id)]
    known = sorted({row.message_id for row in rows if row.message_id})
    texts = {row[0]: _Text(*row) for row in sql.rows(LOCK, known)}
    applied, later = [], []
    proofs: dict[UUID, str] = {}
    for row in rows:
        text = texts.get(row.message_id) if row.message_id else None
        if text is None or row.word not in status.FROM_RECEIPT:
            continue
        if text.needs_more_than_moving:
            later.append(row)
            continue
        text.hear(row)
        applied.append(row.id)
        if row.attempt_id and row.outcome != "accepted":
            proofs.setdefault(row.attempt_id, row.sid)
    moved = [text for text in texts.values() if text.moved]
    _write(moved, proofs)
    sql.run(APPLIED, applied)
    sql.run(PARK, PARK_AFTER, [row.id for row in later])
    owners = {row.message_id: row.customer_id for row in rows}
    threads.announce((owners[text.id], text.conversation_id) for text in moved)
    lessons: list[consequences.Lesson] = [(text.id, text.code, None) for text in moved if text.code]
    return len(rows), lessons, later


def _write(moved: "list[_Text]", proofs: dict[UUID, str]) -> None:
    if moved:
        columns = zip(*(text.row() for text in moved), strict=True)
        sql.run(MOVE, *(list(column) for column in columns))
    if proofs:
        sql.run(PROVE, list(proofs), list(proofs.values()))
    overtaken = [text.id for text in moved if text.is_overtaken]
    if overtaken:
        # Another try is on the wire: it cannot be called back, but nobody waits for it.
        withdrawing.close_attempts(overtaken, outcome="uncertain")


def _apply_one_by_one() -> Applied:
    lessons: list[consequences.Lesson] = []
    later: list[Waiting] = []
    ids = [row[0] for row in sql.rows(WAITING.removesuffix("FOR UPDATE OF r SKIP LOCKED\n"), BATCH)]
    for id in ids:
        try:
            _, taught, late_ones = _apply(BATCH, only=id)
        except IntegrityError:
            log.exception("receipt %s names another text's id; parked", id)
            sql.run(PARK_NOW, [id])
            continue
        lessons += taught
        later += late_ones
    return len(ids), lessons, later


def _apply_late(row: Waiting) -> list[consequences.Lesson]:
    """One receipt for a text that was given up meanwhile."""
    assert row.message_id
    if row.attempt_id is None:
        return []
    state = status.FROM_RECEIPT[row.word]
    code = row.code if state == status.UNDELIVERED else ""
    try:
        with transaction.atomic():
            late.prove(row.message_id, row.attempt_id, row.sid, state=state, code=code)
            sql.run(APPLIED, [row.id])
    except IntegrityError:
        log.exception("receipt %s names another text's id; parked", row.id)
        sql.run(PARK_NOW, [row.id])
        return []
    return [(row.message_id, code, None)] if code else []


class _Text:
    """A locked text while receipts are applied to it."""

    def __init__(self, id: UUID, state: str, sid: str | None, conversation_id: UUID) -> None:
        self.id, self.state, self.sid, self.conversation_id = id, state, sid, conversation_id
        self.code, self.moved, self.is_overtaken = "", False, False

    @property
    def needs_more_than_moving(self) -> bool:
        """It does not count as sent, or is just about to be sent once more."""
        return self.state == status.CLAIMED or self.state in status.NEVER_LEFT

    def hear(self, row: Waiting) -> None:
        """Take one receipt into account. Any id of the text's attempts speaks for it."""
        new = status.FROM_RECEIPT[row.word]
        if status.RANK[new] <= status.RANK.get(self.state, 0):
            return
        if self.state in (status.SENDING, status.UNCERTAIN) and not row.is_open:
            self.is_overtaken = True
        self.state, self.sid, self.moved = new, self.sid or row.sid, True
        self.code = row.code if new == status.UNDELIVERED else ""

    def row(self) -> tuple[UUID, str, str | None, str, str]:
        sentence = errors.meaning_of(self.code).sentence if self.code else ""
        return (self.id, self.state, self.sid, self.code, sentence)
