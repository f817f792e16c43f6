"""What rounds do to a database of `benchmarks._people`: queue texts, watch them, forget them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import _copies
from benchmarks._benchmark import BenchmarkFailed
from benchmarks._programs import Connection, count

# As if nobody had ever been texted: windows without an instant, all contacts unused.
UNCHARGED = """
TRUNCATE messaging_receipt, messaging_inboundevent, credits_ledgerentry, accounts_auditentry
    RESTART IDENTITY;
UPDATE credits_contactwindow SET last_at = NULL, previous_at = NULL, message_id = NULL
WHERE last_at IS NOT NULL;
UPDATE credits_grant g SET remaining = t.remaining FROM bench.purse t WHERE t.id = g.id;
UPDATE credits_balance b SET balance = (
    SELECT sum(remaining) FROM bench.purse t WHERE t.customer_id = b.customer_id);
INSERT INTO credits_ledgerentry OVERRIDING SYSTEM VALUE SELECT * FROM bench.granted;
SELECT setval(pg_get_serial_sequence('credits_ledgerentry', 'id'), 1000);
"""
EMPTY = "TRUNCATE messaging_attempt, messaging_message, bench.queued CASCADE;" + UNCHARGED
QUEUED_BEFORE = """
DELETE FROM messaging_attempt WHERE message_id IN (SELECT id FROM bench.queued);
DELETE FROM messaging_message WHERE id IN (SELECT id FROM bench.queued);
TRUNCATE bench.queued;
"""
TIDY = (
    "VACUUM (ANALYZE) messaging_message, messaging_attempt, messaging_conversation,"
    " credits_contactwindow"
)
WITHDRAWN = "UPDATE messaging_message SET state = 'canceled' WHERE state = 'queued'"
OPEN = """
SELECT count(*) FROM messaging_message WHERE state IN ('queued', 'claimed', 'sending', 'uncertain')
"""
IN_FLIGHT = """
SELECT count(*) FROM messaging_message WHERE state IN ('claimed', 'sending', 'uncertain')
"""
ACCEPTED = """
SELECT count(*) FROM messaging_attempt WHERE outcome = 'accepted'
  AND message_id IN (SELECT id FROM bench.queued)
"""
EXACT = """
SELECT (SELECT count(*) FROM messaging_message m JOIN bench.queued USING (id)
        WHERE state = 'accepted' AND provider_sid <> ''),
    (SELECT count(DISTINCT message_id) FROM messaging_attempt a
        JOIN bench.queued q ON q.id = a.message_id WHERE outcome = 'accepted'),
    (SELECT count(DISTINCT message_id) FROM credits_ledgerentry WHERE kind = 'charge'),
    (SELECT sum(remaining) FROM bench.purse) - (SELECT sum(balance) FROM credits_balance)
"""


@dataclass(frozen=True, slots=True)
class Texts:
    """A selection of (place, customer_id, n, sender_id, segments, label): what to queue.

    ``place`` orders them, ``n`` is the person, an empty sender is the template's own.
    """

    rows: str
    kind: str = "typed"


class Traffic:
    """Of one database; only while its workers rest, except `queue` and the questions."""

    def __init__(self, database: Connection) -> None:
        self.database = database

    @property
    def backend(self) -> int:
        """The process id of this connection's backend, which belongs to no side."""
        return self.database.info.backend_pid

    def empty(self, *, concurrency: int) -> None:
        """Forget all texts."""
        self.database.execute(EMPTY)
        self._ready(concurrency)

    def forget(self, *, concurrency: int) -> None:
        """Forget the texts of rounds; older ones stay."""
        self.database.execute(QUEUED_BEFORE)
        self.database.execute(UNCHARGED)
        self._ready(concurrency)

    def _ready(self, concurrency: int) -> None:
        self.database.execute(
            "UPDATE messaging_provideraccount SET concurrency = %s", [concurrency]
        )
        self.database.execute(TIDY)

    def queue(self, texts: Texts) -> int:
        """Insert queued texts and wake the pumps with the commit; how many there are."""
        words = "Hi Dana, can you start on Monday? "
        long = (
            f"repeat('Please bring what you were asked for. ', (w.segments - 1) * 4) || '{words}'"
        )
        over = {
            "id": "gen_random_uuid()",
            "candidate_id": "p.candidate_id",
            "address_id": "p.address_id",
            "conversation_id": "p.conversation_id",
            "sender_id": "coalesce(w.sender_id, t.sender_id)",
            "segments": "w.segments",
            "kind": f"'{texts.kind}'",
            "priority": "1" if texts.kind == "campaign" else "0",
            "body": f"{long} || w.label",
            "due_at": "app_now() - interval '1 second' + w.place * interval '1 microsecond'",
            "created_at": "app_now()",
            "expires_at": "app_now() + interval '1 day'",
        }
        with self.database.transaction(), self.database.cursor() as cursor:
            copies = _copies.insert(cursor, "messaging_message", over)
            cursor.execute(  # no word of it comes from outside
                f"WITH wanted AS ({texts.rows}), copied AS ({copies} FROM wanted w"  # noqa: S608
                " JOIN bench.person p ON p.customer_id = w.customer_id AND p.n = w.n"
                " JOIN bench.message t ON t.customer_id = p.customer_id"
                " ORDER BY w.place RETURNING id)"
                " INSERT INTO bench.queued SELECT id FROM copied"
            )
            queued = cursor.rowcount
            cursor.execute("ANALYZE messaging_message")
            cursor.execute("NOTIFY outbox")
        return queued

    def withdraw(self) -> None:
        """Take back what has not been claimed, and wait until the rest is over."""
        self.database.execute(WITHDRAWN)
        self.wait(lambda: count(self.database, IN_FLIGHT) == 0, "texts stayed in flight")

    def accepted(self) -> int:
        return count(self.database, ACCEPTED)

    def is_sent(self) -> bool:
        return count(self.database, OPEN) == 0

    def wait(self, is_over: Callable[[], bool], otherwise: str, seconds: float = 60) -> None:
        """Raises BenchmarkFailed after the time."""
        until = time.monotonic() + seconds
        while not is_over():
            if time.monotonic() > until:
                states = "SELECT state, error_code, count(*) FROM messaging_message GROUP BY 1, 2"
                raise BenchmarkFailed(f"{otherwise}: {self.database.execute(states).fetchall()}")
            time.sleep(0.02)

    def check(self, sent: int) -> None:
        """So many accepted, tried, charged and paid, each exactly once."""
        row = self.database.execute(EXACT).fetchone()
        if row != (sent,) * 4:
            raise BenchmarkFailed(f"{sent} texts: accepted, tried, charged, paid are {row}")
