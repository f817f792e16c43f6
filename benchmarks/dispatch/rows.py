"""The database between rounds: emptied, refilled, watched, checked."""

import time
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks._benchmark import BenchmarkFailed

Connection = psycopg.Connection[tuple[Any, ...]]

# As if nobody had ever been texted: windows without an instant, all contacts unused.
EMPTY = """
TRUNCATE messaging_receipt, messaging_attempt, messaging_message, credits_ledgerentry,
    credits_contactwindow, accounts_auditentry RESTART IDENTITY CASCADE;
UPDATE credits_grant g SET remaining = t.remaining FROM bench.purse t WHERE t.id = g.id;
UPDATE credits_balance SET balance = (SELECT sum(remaining) FROM bench.purse);
INSERT INTO credits_ledgerentry OVERRIDING SYSTEM VALUE SELECT * FROM bench.granted;
SELECT setval(pg_get_serial_sequence('credits_ledgerentry', 'id'), 1000);
INSERT INTO credits_contactwindow (customer_id, contact_key)
SELECT t.customer_id, p.contact_key FROM bench.person p, bench.contactwindow t ORDER BY p.n;
ANALYZE credits_contactwindow;
"""

# What `outbox.queue` leaves: one queued text per person, each with a token of its own.
QUEUE = """
INSERT INTO messaging_message SELECT (jsonb_populate_record(t, jsonb_build_object(
    'id', gen_random_uuid(), 'candidate_id', p.candidate_id, 'address_id', p.address_id,
    'conversation_id', p.conversation_id, 'body', 'Hi Dana, can you start on Monday? ' || %s || p.n,
    'due_at', app_now() - interval '1 second' + p.n * interval '1 microsecond',
    'created_at', app_now(), 'expires_at', app_now() + interval '1 day'))).*
FROM bench.person p, bench.message t WHERE p.n <= %s ORDER BY p.n
"""

OPEN = """
SELECT EXISTS (SELECT 1 FROM messaging_message WHERE state = 'queued') OR EXISTS (
    SELECT 1 FROM messaging_message WHERE state IN ('claimed', 'sending', 'uncertain'))
"""

RECORDED = """
SELECT (SELECT count(*) FROM messaging_message WHERE state = 'accepted' AND provider_sid <> ''),
    (SELECT count(DISTINCT message_id) FROM messaging_attempt WHERE outcome = 'accepted'),
    (SELECT count(DISTINCT message_id) FROM credits_ledgerentry WHERE kind = 'charge'),
    (SELECT sum(remaining) FROM bench.purse) - (SELECT sum(balance) FROM credits_balance),
    (SELECT count(*) FROM credits_contactwindow WHERE last_at IS NOT NULL)
"""

BUSY = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
  AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'
"""

LISTENING = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'
"""


@dataclass(frozen=True, slots=True)
class Rows:
    connection: Connection

    @property
    def backend(self) -> int:
        """The process id of this connection's backend, which belongs to no side."""
        return self.connection.info.backend_pid

    def empty(self, *, concurrency: int) -> None:
        """Forget all traffic; nobody else may be using the tables."""
        self.connection.execute(EMPTY)
        self.connection.execute(
            "UPDATE messaging_provideraccount SET concurrency = %s", [concurrency]
        )

    def queue(self, label: str, count: int) -> list[str]:
        """Inside the caller's transaction: insert queued texts, wake pumps; ids in order."""
        self.connection.execute(QUEUE, [label, count])
        self.connection.execute("ANALYZE messaging_message")
        self.connection.execute("NOTIFY outbox")
        rows = self.connection.execute("SELECT id::text FROM messaging_message ORDER BY due_at")
        return [id for (id,) in rows.fetchall()]

    def wait_until_sent(self, *, seconds: float) -> bool:
        """Until no text is queued or in flight; False after the time."""
        until = time.monotonic() + seconds
        while self._one(OPEN):
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def check(self, count: int) -> None:
        """Every text accepted, tried, charged and its 45 days begun, each exactly once."""
        row = self.connection.execute(RECORDED).fetchone()
        if row != (count,) * 5:
            states = "SELECT state, error_code, count(*) FROM messaging_message GROUP BY 1, 2"
            raise BenchmarkFailed(
                f"{count} texts: accepted, tried, charged, paid, begun are {row}; the states"
                f" {self.connection.execute(states).fetchall()}"
            )

    def is_quiet(self) -> bool:
        """Whether no other connection is inside a statement or a transaction."""
        return bool(self._one(BUSY) == 0)

    def is_listened_to(self) -> bool:
        return bool(self._one(LISTENING) > 0)

    def _one(self, question: str) -> Any:
        row = self.connection.execute(question).fetchone()
        return row[0] if row else None
