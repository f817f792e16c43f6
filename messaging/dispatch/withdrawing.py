"""Taking texts back before the wire. The caller holds the persons' rows."""

from collections.abc import Collection
from uuid import UUID

from credits import ledger
from messaging.conversations import status
from textengage.lib import sql

# In id order, as everybody who changes several texts locks them.
WITHDRAW = """
WITH chosen AS (
    SELECT id FROM messaging_message
    WHERE id = ANY(%s::uuid[]) AND state = ANY(%s) ORDER BY id FOR UPDATE
), changed AS (
    UPDATE messaging_message m SET state = %s, state_changed_at = app_now()
    FROM chosen WHERE m.id = chosen.id
    RETURNING m.id
)
SELECT id FROM changed
"""

CLOSE_ATTEMPTS = """
UPDATE messaging_attempt SET finished_at = app_now(), outcome = %s
WHERE message_id = ANY(%s::uuid[]) AND finished_at IS NULL
"""


def withdraw(
    message_ids: Collection[UUID],
    *,
    to: str,
    reason: str,
    states: Collection[str] = status.WITHDRAWABLE,
) -> list[UUID]:
    """Move texts that have not left to another state, their contacts given back.

    Returns the ids that changed: the others are on the wire already, or ended.
    """
    changed = [row[0] for row in sql.rows(WITHDRAW, list(message_ids), list(states), to)]
    close_attempts(changed, outcome="withdrawn")
    ledger.give_back(changed, reason=reason)
    return changed


def close_attempts(message_ids: Collection[UUID], *, outcome: str) -> None:
    """End the open attempts of texts."""
    sql.run(CLOSE_ATTEMPTS, outcome, list(message_ids))
