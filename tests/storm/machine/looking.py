"""One look at the database after every step, on a connection that nothing else uses."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import psycopg

from tests.storm.machine.carrier import token_of
from tests.storm.machine.model import Text
from tests.storm.machine.world import PEOPLE
from textengage import invariants

TEXTS = """
SELECT m.id, coalesce(m.body, ''), m.candidate_id, m.kind, m.state, m.created_at, m.due_at,
    m.expires_at, m.state_changed_at, m.decided_at, m.provider_sid, m.error_sentence <> '',
    (SELECT count(*) FROM credits_ledgerentry l WHERE l.kind = 'charge' AND l.message_id = m.id
        AND NOT EXISTS (SELECT 1 FROM credits_ledgerentry r WHERE r.reverses_id = l.id)),
    m.sender_id, (SELECT max(a.wire_at) FROM messaging_attempt a WHERE a.message_id = m.id)
FROM messaging_message m WHERE m.direction = 'out'
"""
WORLD = """
SELECT app_now(), coalesce((SELECT balance FROM credits_balance), 0),
    coalesce((SELECT sum(delta) FROM credits_ledgerentry), 0),
    ARRAY(SELECT DISTINCT a.candidate_id FROM messaging_optout o
        JOIN messaging_optoutmember m ON m.optout_id = o.id
        JOIN messaging_address a ON a.address_key = m.address_key
        WHERE o.revoked_at IS NULL),
    (SELECT count(*) FROM messaging_inboundevent),
    (SELECT count(*) FROM messaging_receipt),
    ARRAY(SELECT id FROM messaging_attempt WHERE finished_at IS NULL),
    coalesce((SELECT sum(amount) FROM credits_grant WHERE kind = 'adjustment'), 0)
"""
# Never touched by a schedule, or slow: looked at once for many schedules.
SELDOM: Final = frozenset(("T1", "T3", "G1", "A1", "B1", "P1", "P2"))


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look saw."""

    now: datetime
    balance: int
    moved: int
    stopped: frozenset[UUID]
    events: int
    receipts: int
    open_attempts: frozenset[UUID]
    adjusted: int
    """Contacts added because a text had left after all."""
    texts: dict[UUID, Text]


class Eyes:
    """Looks with prepared statements, which is most of the machine's speed."""

    def __init__(self, url: str, people: list[UUID]) -> None:
        self.database = psycopg.connect(url, autocommit=True, prepare_threshold=1)
        self.database.execute("SET TIME ZONE 'UTC'")
        self.people = {id: number for number, id in enumerate(people)}
        # One statement for all of them: planned once, one journey.
        self.often = " UNION ALL ".join(
            f"SELECT '{each.code}', id::text FROM ({_query(each.look)}) AS found{number} (id)"  # noqa: S608
            for number, each in enumerate(invariants.all_invariants())
            if each.code not in SELDOM
        )

    def look(self, passing: timedelta | None = None) -> Seen:
        """What is there now, after so much time has passed."""
        if passing:
            self.database.execute("UPDATE machine_clock SET base = base + %s", [passing])
        texts = [self._text(row) for row in self.database.execute(TEXTS)]
        ((now, balance, moved, stopped, events, receipts, attempts, adjusted),) = (
            self.database.execute(WORLD)
        )
        return Seen(
            now, balance, moved, frozenset(stopped), events, receipts, frozenset(attempts),
            adjusted,
            {text.id: text for text in texts},
        )  # fmt: skip

    def _text(self, row: tuple[Any, ...]) -> Text:
        (id, body, candidate, kind, state, created, due, expires, changed, decided, sid, retry,
         charges, sender, wire_at) = row  # fmt: skip
        return Text(
            id=id,
            token=token_of(body, PEOPLE[self.people[candidate]][2]),
            person=self.people[candidate],
            kind=kind,
            state=state,
            created_at=created,
            due_at=due,
            expires_at=expires,
            changed_at=changed,
            decided_at=decided,
            wire_at=wire_at,
            sid=sid,
            is_retry=retry,
            live_charges=charges,
            sender_id=sender,
        )

    def violations(self, now: datetime) -> dict[str, list[str]]:
        """The invariants that a schedule can break, by code."""
        found: dict[str, list[str]] = {}
        for code, id in self.database.execute(self.often, {"now": now}):
            found.setdefault(code, []).append(id)
        return found


def _query(statement: Any) -> str:
    return f"{statement.before} {statement.violations}"
