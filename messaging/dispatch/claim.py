"""Claiming: choosing what is due, judging it once more, charging it, writing the attempt.

One transaction; nothing is sent before it commits. The pump never waits for a person or a
text that somebody else holds: it skips them and finds them next time.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from credits import ledger, rules
from credits.ledger import Texting
from messaging.conversations import status, threads
from messaging.dispatch import picking
from messaging.gate import gate
from messaging.gate.checks.contacts import no_contacts
from messaging.gate.verdict import Batch, Effect, Item, Moment, Verdict, Verdicts
from messaging.senders import pace
from textengage.lib import clock, sql
from textengage.lib.ids import new_id

LOOK_AGAIN: Final = timedelta(minutes=1)

# By id, as picked a moment ago, and only what is still due. Person and text are locked
# together, and skipped together when somebody else has either.
DUE = """
SELECT m.id, m.customer_id, m.candidate_id, c.contact_key, coalesce(c.first_name, ''),
    m.channel, m.kind, m.body, m.address_id, coalesce(a.address, ''), a.address_key,
    coalesce(a.region, ''), coalesce(a.unusable_reason, ''), m.licensee_id, m.sender_id,
    m.sender_team_path, m.conversation_id, m.author_id, m.expires_at, w.last_at,
    s.address, s.account_id, s.id, m.priority
FROM messaging_message m
JOIN messaging_candidate c ON c.id = m.candidate_id
JOIN credits_contactwindow w ON w.customer_id = m.customer_id AND w.contact_key = c.contact_key
LEFT JOIN messaging_address a ON a.id = m.address_id
JOIN messaging_sender s ON s.id = m.sender_id
WHERE m.id = ANY(%s::uuid[]) AND m.state || '' = 'queued'
  AND m.due_at <= (SELECT app_now()) AND m.expires_at > (SELECT app_now())
ORDER BY array_position(%s::uuid[], m.id)
FOR UPDATE OF m, w SKIP LOCKED
"""

# Seen again under the lock: somebody may have claimed another text of the same person
# between our look and our lock.
IN_FLIGHT = """
SELECT customer_id, contact_key FROM messaging_message
WHERE (customer_id, contact_key) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))
  AND state IN ('claimed', 'sending', 'uncertain')
"""

CLAIM = """
WITH going AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[])
        AS t (message_id, attempt_id, contact_key, account_id)
), changed AS (
    UPDATE messaging_message m
    SET state = 'claimed', state_changed_at = (SELECT app_now()), contact_key = going.contact_key,
        decided_at = %s, account_id = going.account_id, provider = p.provider,
        error_code = '', error_sentence = ''
    FROM going JOIN messaging_provideraccount p ON p.id = going.account_id
    WHERE m.id = going.message_id
    RETURNING m.id, m.customer_id, going.attempt_id
)
INSERT INTO messaging_attempt (id, customer_id, message_id, number, claimed_at, outcome,
    provider_sid, error_code, lookups)
SELECT attempt_id, customer_id, id, 1 + (
    SELECT count(*) FROM messaging_attempt a WHERE a.message_id = changed.id), %s, '', '', '', 0
FROM changed
"""

SET_ASIDE = """
UPDATE messaging_message m
SET state = t.state, state_changed_at = app_now(), verdict = t.verdict, due_at = t.due_at
FROM unnest(%s::uuid[], %s::text[], %s::jsonb[], %s::timestamptz[])
    AS t (id, state, verdict, due_at)
WHERE m.id = t.id
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A text that passed, charged, with its attempt written; not on the wire yet."""

    message_id: UUID
    attempt_id: UUID
    account_id: UUID
    sender_id: UUID
    sender: str
    recipient: str
    channel: str
    body: str
    priority: int
    worth_seconds: int
    """How long it stays worth delivering."""


@dataclass(frozen=True, slots=True)
class Due:
    """A due text with the facts that only claiming needs."""

    item: Item
    conversation_id: UUID
    author_id: UUID | None
    expires_at: datetime
    last_at: datetime | None
    sender: str
    account_id: UUID
    sender_id: UUID
    priority: int


@transaction.atomic
def claim(
    limit: int, full: Collection[UUID] = (), kinds: Collection[int] = picking.EVERY_KIND
) -> list[Claimed]:
    """Claim up to ``limit`` due texts, at most one per person, none of ``full`` accounts.

    ``kinds`` are the priorities to look at.
    """
    loads = {each.id: (each.sender_id, each.segments) for each in picking.pick(limit, full, kinds)}
    if not loads:
        return []
    allowances = pace.lock([sender_id for sender_id, _ in loads.values()])
    may = pace.affordable(allowances, loads.values())
    due = _lock_due(list(compress(loads, may)))
    if not due:
        return []
    # Read after every lock is held: this instant decides the 45 days and the race with STOP.
    at = clock.now()
    verdicts = gate.run(Batch([each.item for each in due], Moment.WIRE, at))
    passed = [each for each in due if verdicts[each.item.id].effect is Effect.PASS]
    verdicts |= _charge(passed, at)
    going = [each for each in passed if verdicts[each.item.id].effect is Effect.PASS]
    stopped = [each for each in due if verdicts[each.item.id].effect is not Effect.PASS]
    _set_aside(stopped, verdicts, at)
    pace.spend(allowances, [loads[each.item.id] for each in going])
    return _write(going, at)


def _lock_due(ids: list[UUID]) -> list[Due]:
    due = [_read(row) for row in sql.rows(DUE, ids, ids)]
    customers, keys = (
        [each.item.customer_id for each in due],
        [each.item.contact_key for each in due],
    )
    busy = set(sql.rows(IN_FLIGHT, customers, keys))
    chosen: dict[tuple[UUID, UUID], Due] = {}
    for each in due:
        person = (each.item.customer_id, each.item.contact_key)
        if person not in busy:
            chosen.setdefault(person, each)
    return list(chosen.values())


def _read(row: tuple[Any, ...]) -> Due:
    facts = list(row[:16])
    facts[7] = facts[7] or ""
    facts[10] = bytes(facts[10] or b"")
    return Due(Item(*facts), *row[16:])


def _charge(passed: Sequence[Due], at: datetime) -> Verdicts:
    paying = [each for each in passed if not each.item.is_compliance]
    short = ledger.charge(
        [
            Texting(each.item.customer_id, each.item.contact_key, each.item.id, each.author_id)
            for each in paying
        ],
        at=at,
        last_texted={
            (each.item.customer_id, each.item.contact_key): each.last_at for each in paying
        },
    )
    return {
        each.item.id: no_contacts(each.item.first_name, rules.reason(each.last_at, at))
        for each in paying
        if each.item.id in short
    }


def _set_aside(due: Sequence[Due], verdicts: Verdicts, at: datetime) -> None:
    if not due:
        return
    judged: list[tuple[Due, Verdict]] = [(each, verdicts[each.item.id]) for each in due]
    sql.run(
        SET_ASIDE,
        [each.item.id for each, _ in judged],
        [_state_of(verdict) for _, verdict in judged],
        [json.dumps(verdict.as_json()) for _, verdict in judged],
        [verdict.until or at + LOOK_AGAIN for _, verdict in judged],
    )
    threads.summarize((each.item.customer_id, each.conversation_id) for each in due)


def _state_of(verdict: Verdict) -> str:
    return status.HELD if verdict.effect is Effect.HOLD else status.REFUSED


def _write(going: Sequence[Due], at: datetime) -> list[Claimed]:
    claimed = [
        Claimed(
            message_id=each.item.id,
            attempt_id=new_id(),
            account_id=each.account_id,
            sender_id=each.sender_id,
            sender=each.sender,
            recipient=each.item.address,
            channel=each.item.channel,
            body=each.item.body,
            priority=each.priority,
            worth_seconds=int((each.expires_at - at).total_seconds()),
        )
        for each in going
    ]
    sql.run(
        CLAIM,
        [each.message_id for each in claimed],
        [each.attempt_id for each in claimed],
        [each.item.contact_key for each in going],
        [each.account_id for each in claimed],
        at,
        at,
    )
    return claimed
