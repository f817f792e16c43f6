"""Storing what providers told: posted here or found in their list, each text once."""

from typing import Final

# In the order given, which is the order they are taken in.
STORE: Final = """
WITH stored AS (
    INSERT INTO messaging_inboundevent (customer_id, account_id, event_key, body, recovered,
        received_at, attempts, error, parked)
    SELECT customer_id, account_id, event_key, body, recovered, app_now(), 0, '', false
    FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::jsonb[], %s::boolean[])
        WITH ORDINALITY AS t (customer_id, account_id, event_key, body, recovered, place)
    ORDER BY place
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT pg_notify('inbound', ''), (SELECT count(*) FROM stored)
"""
LONGEST_KEY: Final = 64
"""Characters of a provider's id that are kept."""
