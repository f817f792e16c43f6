"""The ledger's statements: sets in, sets out, one round trip each."""

ENSURE_BALANCES = """
INSERT INTO credits_balance (customer_id, balance)
SELECT id, 0 FROM unnest(%s::uuid[]) AS id ON CONFLICT DO NOTHING
"""

LOCK_BALANCES = """
SELECT 1 FROM credits_balance WHERE customer_id = ANY(%s::uuid[]) ORDER BY customer_id FOR UPDATE
"""

MOVE_BALANCES = """
UPDATE credits_balance b SET balance = b.balance + d.delta
FROM unnest(%s::uuid[], %s::int[]) AS d (customer_id, delta) WHERE b.customer_id = d.customer_id
"""

OPEN_GRANTS = """
SELECT customer_id, id, remaining FROM credits_grant
WHERE customer_id = ANY(%s::uuid[]) AND remaining > 0
  AND opens_at <= app_now() AND (expires_at IS NULL OR expires_at > app_now())
ORDER BY customer_id, expires_at NULLS LAST, opens_at, id
"""

# The ledger's own instant is read here, after the balance is locked, so that the running
# sum in (at, id) order is the order in which contacts really moved (invariant C2).
CHARGE = """
WITH made AS (
    INSERT INTO credits_ledgerentry
        (customer_id, at, kind, delta, contact_key, message_id, actor_id, grant_id, reason)
    SELECT customer_id, app_now(), 'charge', -1, contact_key, message_id, actor_id, grant_id, reason
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[])
        AS t (customer_id, contact_key, message_id, actor_id, grant_id, reason)
    RETURNING grant_id
)
UPDATE credits_grant g SET remaining = g.remaining - used.n
FROM (SELECT grant_id, count(*) AS n FROM made GROUP BY grant_id) used WHERE g.id = used.grant_id
"""

START_WINDOWS = """
UPDATE credits_contactwindow w
SET previous_at = w.last_at, last_at = %s, message_id = t.message_id
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[]) AS t (customer_id, contact_key, message_id)
WHERE w.customer_id = t.customer_id AND w.contact_key = t.contact_key
"""

RESTORE_WINDOWS = """
UPDATE credits_contactwindow SET last_at = previous_at, message_id = NULL
WHERE message_id = ANY(%s::uuid[])
"""

# A text that is not the newest moves only what comes back if the newest never left.
REINSTATE_WINDOW = """
UPDATE credits_contactwindow w
SET previous_at = CASE WHEN w.last_at > t.at THEN greatest(w.previous_at, t.at) ELSE w.last_at END,
    message_id = CASE WHEN w.last_at > t.at THEN w.message_id ELSE t.message_id END,
    last_at = greatest(w.last_at, t.at)
FROM (SELECT %s::timestamptz, %s::uuid) AS t (at, message_id)
WHERE w.customer_id = %s AND w.contact_key = %s
"""

CARRIED = """
SELECT max(carried_at) FROM credits_ledgerentry
WHERE kind = 'carry' AND customer_id = %s AND contact_key = %s AND at <= %s
"""

CARRY_WINDOW = """
UPDATE credits_contactwindow
SET last_at = greatest(last_at, %s),
    previous_at = CASE WHEN message_id IS NULL THEN previous_at ELSE greatest(previous_at, %s) END
WHERE customer_id = %s AND contact_key = %s
"""

CUSTOMERS_OF_CHARGES = """
SELECT DISTINCT customer_id FROM credits_ledgerentry
WHERE kind = 'charge' AND message_id = ANY(%s::uuid[])
ORDER BY customer_id
"""

REFUND = """
WITH live AS (
    SELECT c.* FROM credits_ledgerentry c
    WHERE c.kind = 'charge' AND c.message_id = ANY(%s::uuid[])
      AND NOT EXISTS (SELECT 1 FROM credits_ledgerentry r WHERE r.reverses_id = c.id)
), aimed AS (
    SELECT live.*, coalesce(
        (SELECT g.id FROM credits_grant g WHERE g.id = live.grant_id
            AND (g.expires_at IS NULL OR g.expires_at > app_now())),
        (SELECT g.id FROM credits_grant g WHERE g.customer_id = live.customer_id
            AND g.opens_at <= app_now() AND (g.expires_at IS NULL OR g.expires_at > app_now())
            ORDER BY g.opens_at, g.id LIMIT 1),
        live.grant_id) AS target_id
    FROM live
), made AS (
    INSERT INTO credits_ledgerentry (customer_id, at, kind, delta, contact_key, message_id,
        actor_id, grant_id, reverses_id, reason)
    SELECT customer_id, app_now(), 'refund', 1, contact_key, message_id, actor_id, target_id, id, %s
    FROM aimed
    RETURNING customer_id, grant_id
), back AS (
    UPDATE credits_grant g SET remaining = g.remaining + n.n
    FROM (SELECT grant_id, count(*) AS n FROM made GROUP BY grant_id) n WHERE g.id = n.grant_id
)
SELECT customer_id FROM made
"""

EXPIRE = """
WITH ended AS (
    SELECT id, customer_id, remaining FROM credits_grant
    WHERE remaining > 0 AND expires_at <= app_now() ORDER BY customer_id, id FOR UPDATE
), emptied AS (
    UPDATE credits_grant g SET remaining = 0 FROM ended WHERE g.id = ended.id
)
INSERT INTO credits_ledgerentry (customer_id, at, kind, delta, grant_id, reason)
SELECT customer_id, app_now(), 'expiry', -remaining, id, 'past its date' FROM ended
RETURNING customer_id, delta
"""
