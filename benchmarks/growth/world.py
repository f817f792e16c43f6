"""Fills one database once: Acme and so many people, each with a thread and an old text."""

from typing import Any, Final

from django.db import connection, transaction

from benchmarks import _copies, _people
from benchmarks._carrier import TOKEN
from benchmarks.growth.constants import OLD_AT, THREADS, WAITS
from textengage import cast

OLD: Final = {
    "id": "gen_random_uuid()",
    "candidate_id": "p.candidate_id",
    "address_id": "p.address_id",
    "conversation_id": "p.conversation_id",
    "contact_key": f"CASE WHEN {WAITS} THEN NULL ELSE p.contact_key END",
    "direction": f"CASE WHEN {WAITS} THEN 'in' ELSE 'out' END",
    "state": f"CASE WHEN {WAITS} THEN 'received' ELSE 'delivered' END",
    "state_changed_at": OLD_AT,
    "due_at": f"CASE WHEN {WAITS} THEN NULL ELSE {OLD_AT} END",
    "expires_at": "NULL",
    "provider": "'twilio'",
    "account_id": "a.id",
    "provider_sid": "'SM' || lpad(to_hex(p.n), 32, '0')",
    "created_at": OLD_AT,
    "decided_at": OLD_AT,
    "accepted_at": OLD_AT,
    "delivered_at": OLD_AT,
}
TEXTS: Final = """
FROM bench.person p JOIN bench.message t USING (customer_id)
JOIN messaging_provideraccount a USING (customer_id) ORDER BY p.n DESC
"""
ATTEMPTS: Final = """
INSERT INTO messaging_attempt (id, customer_id, message_id, number, claimed_at, wire_at,
    finished_at, outcome, provider_sid, http_status, error_code, lookups)
SELECT gen_random_uuid(), customer_id, id, 1, created_at, created_at, created_at, 'accepted',
    provider_sid, 201, '', 0
FROM messaging_message WHERE state = 'delivered'
"""
# Whoever owns a thread has read it, but for one in thirty.
MARKS: Final = """
INSERT INTO messaging_readmark (customer_id, conversation_id, user_id, read_at)
SELECT c.customer_id, c.id, c.owner_id, c.last_message_at
FROM bench.person p JOIN messaging_conversation c ON c.id = p.conversation_id
WHERE c.owner_id IS NOT NULL AND mod(p.n, 30) > 0
"""
# Rounds tidy up between measurements; a vacuum of its own accord would land in one of them.
STILL: Final = """
ALTER TABLE messaging_message SET (autovacuum_enabled = false);
ALTER TABLE messaging_attempt SET (autovacuum_enabled = false);
ALTER TABLE messaging_conversation SET (autovacuum_enabled = false);
ALTER TABLE credits_contactwindow SET (autovacuum_enabled = false);
"""


def main(words: list[str]) -> None:
    """Words: how many people."""
    with transaction.atomic():
        _people.populate(cast.acme(TOKEN), int(words[0]), THREADS)
    with transaction.atomic(), connection.cursor() as cursor:
        age(cursor)
        cursor.execute(STILL)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def age(cursor: Any) -> None:
    """Give everybody their old text, after the queued ones that the templates left."""
    cursor.execute("TRUNCATE messaging_attempt, messaging_message CASCADE")
    with _people.bare(cursor, ["messaging_message", "messaging_attempt"]):
        cursor.execute(_copies.insert(cursor, "messaging_message", OLD) + TEXTS)
        cursor.execute(ATTEMPTS)
    cursor.execute(MARKS)
