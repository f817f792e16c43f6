"""What may not be sent from just now: accounts, numbers and countries a provider has closed.

A pause is compared with `app_now()` wherever it is read, so that a timed one ends by itself.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from messaging.senders.models import CountryPause
from textengage.lib import sql

SENDABLE: Final = """
s.state <> 'paused'
AND (s.pause_reason = '' OR s.paused_until <= (SELECT app_now()))
AND (p.paused_reason = '' OR p.paused_until <= (SELECT app_now()))
"""
"""Whose texts may be claimed, for ``messaging_sender s JOIN messaging_provideraccount p ON
p.id = s.account_id``. Texts of other senders stay queued. One that is being set up or was
given back passes here: the gate says so in words."""

COUNTRY_OPEN: Final = """
NOT EXISTS (
    SELECT FROM messaging_countrypause cp
    WHERE cp.account_id = s.account_id AND cp.channel = m.channel AND cp.country = ad.region
      AND (cp.until IS NULL OR cp.until > (SELECT app_now())))
"""
"""Whether a text's country is open, for ``messaging_message m``, its ``messaging_sender s``
and its ``messaging_address ad``. The gate asks the same, so a claim need not."""

Place = tuple[UUID, str, str]
"""(sender id, channel, country)"""

# Sender by sender: a pause belongs to the account that the sender is part of.
PAUSED = """
SELECT s.id, p.channel, p.country, p.reason, p.until
FROM messaging_countrypause p JOIN messaging_sender s ON s.account_id = p.account_id
WHERE s.id = ANY(%s::uuid[]) AND (p.until IS NULL OR p.until > %s)
"""

# A pause that lasts as long or longer stands: many refused texts make one pause.
PAUSE_SENDERS = """
WITH chosen AS (
    SELECT s.id, s.pause_reason <> '' AND (
        s.paused_until IS NULL OR s.paused_until > app_now()) AS was_paused
    FROM messaging_sender s
    WHERE s.id = ANY(%s::uuid[])
      AND (s.pause_reason = '' OR s.paused_until < coalesce(%s, 'infinity'::timestamptz))
    ORDER BY s.id FOR NO KEY UPDATE
)
UPDATE messaging_sender s SET pause_reason = %s, paused_until = %s
FROM chosen WHERE s.id = chosen.id RETURNING s.id, s.customer_id, chosen.was_paused
"""

PAUSE_ACCOUNTS = """
WITH chosen AS (
    SELECT a.id, a.paused_reason <> '' AND (
        a.paused_until IS NULL OR a.paused_until > app_now()) AS was_paused
    FROM messaging_provideraccount a
    WHERE a.id = ANY(%s::uuid[])
      AND (a.paused_reason = '' OR a.paused_until < coalesce(%s, 'infinity'::timestamptz))
    ORDER BY a.id FOR NO KEY UPDATE
)
UPDATE messaging_provideraccount a SET paused_reason = %s, paused_until = %s
FROM chosen WHERE a.id = chosen.id RETURNING a.id, a.customer_id, chosen.was_paused
"""

PAUSE_COUNTRIES = """
INSERT INTO messaging_countrypause (customer_id, account_id, channel, country, reason, until,
    created_at)
SELECT DISTINCT a.customer_id, a.id, t.channel, t.country, %s::text, %s::timestamptz, app_now()
FROM unnest(%s::uuid[], %s::text[], %s::text[]) AS t (account_id, channel, country)
JOIN messaging_provideraccount a ON a.id = t.account_id
WHERE t.country <> ''
ORDER BY a.id
ON CONFLICT (account_id, channel, country) DO UPDATE
    SET reason = excluded.reason, until = excluded.until
    WHERE messaging_countrypause.until < coalesce(excluded.until, 'infinity'::timestamptz)
RETURNING account_id, customer_id, country
"""


def countries_closed(
    sender_ids: Collection[UUID], at: datetime
) -> dict[Place, tuple[str, datetime | None]]:
    """Why and until when the countries that are closed to some senders are, in one query."""
    rows = sql.rows(PAUSED, list(sender_ids), at)
    return {(id, channel, country): (why, until) for id, channel, country, why, until in rows}


def pause_senders(ids: Sequence[UUID], reason: str, until: datetime | None) -> list[Sequence[UUID]]:
    """Pause numbers; returns (id, customer id) of those that were open until now."""
    rows = sql.rows(PAUSE_SENDERS, list(ids), until, reason, until)
    return [row[:2] for row in rows if not row[2]]


def pause_accounts(
    ids: Sequence[UUID], reason: str, until: datetime | None
) -> list[Sequence[UUID]]:
    """Pause provider accounts; returns (id, customer id) of those that were open until now."""
    rows = sql.rows(PAUSE_ACCOUNTS, list(ids), until, reason, until)
    return [row[:2] for row in rows if not row[2]]


def pause_countries(
    places: Collection[Place], reason: str, until: datetime | None
) -> list[tuple[UUID, UUID, str]]:
    """Pause (account id, channel, country); returns (account id, customer id, country) of
    those that were open until now or are closed for longer."""
    accounts, channels, countries = (list(column) for column in zip(*places, strict=True))
    rows = sql.rows(PAUSE_COUNTRIES, reason, until, accounts, channels, countries)
    return [(account, customer, country) for account, customer, country in rows]


def open_countries(account_id: UUID) -> int:
    """End every country pause of an account; returns how many."""
    return CountryPause.objects.filter(account_id=account_id).delete()[0]
