"""The database between rounds: as it was before any callback, and what came of them."""

from collections.abc import Collection, Sequence

from benchmarks import _copies
from benchmarks._benchmark import BenchmarkFailed
from benchmarks._programs import Connection
from benchmarks.webhooks.requests import Callbacks

EMPTY = """
TRUNCATE messaging_receipt, messaging_inboundevent, messaging_attempt, messaging_message CASCADE
"""
SENT = {
    "id": "gen_random_uuid()",
    "candidate_id": "p.candidate_id",
    "address_id": "p.address_id",
    "conversation_id": "p.conversation_id",
    "contact_key": "p.contact_key",
    "state": "'accepted'",
    "decided_at": "app_now()",
    "accepted_at": "app_now()",
    "created_at": "app_now()",
    "provider": "'twilio'",
    "account_id": "a.id",
    "provider_sid": "'SM' || lpad(to_hex(p.n), 32, '0')",
}
PEOPLE_TEXTED = """
FROM bench.person p JOIN bench.message t USING (customer_id)
JOIN messaging_provideraccount a USING (customer_id) WHERE p.n <= %s ORDER BY p.n
"""
STORED = """
SELECT event_key, NULL FROM messaging_inboundevent
UNION ALL SELECT provider_sid, status FROM messaging_receipt
"""
TIDY = "VACUUM (ANALYZE) messaging_message, messaging_conversation"


class Rows:
    def __init__(self, database: Connection) -> None:
        self.database = database

    @property
    def account_id(self) -> str:
        row = self.database.execute("SELECT id::text FROM messaging_provideraccount").fetchone()
        assert row is not None
        return str(row[0])

    def empty(self, people: int) -> None:
        """No callback yet; so many people's texts accepted and nothing more."""
        with self.database.transaction(), self.database.cursor() as cursor:
            cursor.execute(EMPTY)
            copies = _copies.insert(cursor, "messaging_message", SENT)
            cursor.execute(copies + PEOPLE_TEXTED, [people])
        self.database.execute(TIDY)

    def check(self, callbacks: Callbacks, sent: int, unsure: Collection[int]) -> int:
        """What was answered with success is stored, once; the rest may be. How many rows are.

        ``unsure`` are those without such an answer. Raises BenchmarkFailed.
        """
        stored = [tuple(part for part in row if part) for row in self.database.execute(STORED)]
        return compare([callbacks.key(i) for i in range(sent)], stored, unsure)


def compare(
    keys: Sequence[tuple[str, ...]], stored: Sequence[tuple[str, ...]], unsure: Collection[int]
) -> int:
    """How many are stored. Raises BenchmarkFailed if one is lost, doubled or strange."""
    have = set(stored)
    left_out = set(unsure)
    lost = sum(key not in have for i, key in enumerate(keys) if i not in left_out)
    doubled, strange = len(stored) - len(have), len(have - set(keys))
    if lost or doubled or strange:
        raise BenchmarkFailed(
            f"Of {len(keys) - len(left_out)} callbacks answered with success {lost} are not stored;"
            f" {doubled} are stored twice, {strange} were never sent."
        )
    return len(have)
