"""The last step before the socket: claimed becomes sending, with the instant written."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from textengage.lib import sql

START_WITHIN: Final = timedelta(seconds=20)
"""After its claim a text is not handed to the wire any more; the lease is 60 s."""

# Held to the commit: a license that is being ended is waited for and then seen as ended, and
# one that ends later ends after these texts.
LICENSES = """
SELECT l.id FROM accounts_license l
WHERE l.valid_to IS NULL AND (l.customer_id, l.user_id) IN (
    SELECT m.customer_id, m.licensee_id
    FROM messaging_attempt a JOIN messaging_message m ON m.id = a.message_id
    WHERE a.id = ANY(%s::uuid[]))
ORDER BY l.id FOR SHARE OF l
"""

# The text's own row decides: if STOP, cancel or the sweep took it back, it is no longer
# claimed, or its attempt is closed, and it does not go. Nor does it if the license ended
# since the claim: the lease returns it, and the gate says why. Nor if its claim is old: the
# worker may have been suspended since it looked. In id order, as everybody locks.
START = """
WITH chosen AS (
    SELECT m.id, a.id AS attempt_id
    FROM messaging_attempt a JOIN messaging_message m ON m.id = a.message_id
    WHERE a.id = ANY(%s::uuid[]) AND a.finished_at IS NULL
      AND a.claimed_at > (SELECT app_now()) - %s
      -- Written so that no index on the state fits: by id is cheaper, whatever statistics say.
      AND m.state || '' = 'claimed'
      AND (m.kind = 'compliance' OR (m.customer_id, m.licensee_id) IN (
        SELECT customer_id, user_id FROM accounts_license
        WHERE valid_from <= (SELECT app_now())
          AND (valid_to IS NULL OR valid_to > (SELECT app_now()))))
    ORDER BY m.id FOR UPDATE OF m
), going AS (
    UPDATE messaging_message m SET state = 'sending', state_changed_at = (SELECT app_now())
    FROM chosen WHERE m.id = chosen.id
    RETURNING chosen.attempt_id
)
UPDATE messaging_attempt a SET wire_at = (SELECT app_now())
FROM going WHERE a.id = going.attempt_id
RETURNING a.id
"""


@transaction.atomic
def start(attempt_ids: Collection[UUID]) -> set[UUID]:
    """Mark attempts as handed to the wire; returns those that may really go."""
    sql.rows(LICENSES, list(attempt_ids))
    return {row[0] for row in sql.rows(START, list(attempt_ids), START_WITHIN)}
