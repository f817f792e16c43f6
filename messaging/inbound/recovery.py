"""Finding texts that never reached us, by asking the provider what it received for us.

Each number is looked up once an hour, and all of them as soon as callbacks are taken again
after a time without (`hooks/beating.py`). What is found is stored as the callback would have
been, so nothing behind it knows the difference. It needs no broker: the pump's chores call.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts import audit
from accounts.models import User
from messaging import channels, providers
from messaging.dispatch import lines
from messaging.dispatch.lines import Known
from messaging.inbound.events import LONGEST_KEY, STORE
from messaging.providers import Received
from messaging.senders.models import ProviderAccount
from textengage.lib import sql

log = logging.getLogger(__name__)

EVERY: Final = timedelta(hours=1)
OVERLAP: Final = timedelta(minutes=10)
"""Looked at again each time: providers list late, and their clock is not ours."""
BACK: Final = timedelta(days=1)
"""How far the first look at a number goes, at most to when its account was added."""
YOUNG: Final = timedelta(seconds=15)
"""The provider may still be posting a text this young (RULES 4.1 rule 10)."""
PATIENCE: Final = 20.0
"""Seconds for one account in one go; a stopping worker waits no longer than this."""
LEASE: Final = timedelta(minutes=2)
BATCH: Final = 50

# Spread over the hour from the beginning, and so it stays.
KNOW = """
INSERT INTO messaging_listing (customer_id, sender_id, complete_until, next_at)
SELECT s.customer_id, s.id, greatest(a.created_at, app_now() - %s::interval),
    app_now() + random() * %s::interval
FROM messaging_sender s JOIN messaging_provideraccount a ON a.id = s.account_id
WHERE s.state <> 'released'
  AND NOT EXISTS (SELECT FROM messaging_listing l WHERE l.sender_id = s.id)
ON CONFLICT DO NOTHING
"""

CLAIM = """
UPDATE messaging_listing l SET next_at = app_now() + %s::interval
FROM (
    SELECT l.id, s.account_id, s.channel, s.address
    FROM messaging_listing l JOIN messaging_sender s ON s.id = l.sender_id
    WHERE l.next_at <= (SELECT app_now()) AND s.state <> 'released'
    ORDER BY l.next_at LIMIT %s FOR UPDATE OF l SKIP LOCKED
) due
WHERE l.id = due.id
RETURNING l.id, l.customer_id, due.account_id, due.channel, due.address, l.complete_until,
    l.next_at, app_now()
"""

# Where somebody has asked for another look meanwhile, next_at stays what they made it.
DONE = """
UPDATE messaging_listing SET complete_until = greatest(complete_until, %s), failures = 0,
    next_at = CASE WHEN next_at = %s THEN app_now() + %s::interval ELSE next_at END
WHERE id = %s
"""

# One minute, two, four, at most half an hour.
FAILED = """
UPDATE messaging_listing SET failures = least(failures + 1, 6),
    next_at = app_now() + least(interval '30 minutes', interval '1 minute' * 2 ^ failures)
WHERE id = ANY(%s::bigint[])
"""

KNOWN = """
SELECT event_key FROM messaging_inboundevent WHERE account_id = %s AND event_key = ANY(%s::text[])
"""

LOOK = """
UPDATE messaging_listing l SET next_at = app_now() FROM messaging_sender s
WHERE s.id = l.sender_id AND s.account_id = %s AND l.next_at > app_now()
"""


@dataclass(frozen=True, slots=True)
class Number:
    """One number whose turn it is, leased until ``lease``."""

    id: int
    customer_id: UUID
    account_id: UUID
    channel: str
    address: str
    complete_until: datetime
    lease: datetime
    now: datetime


def recover() -> int:
    """Look up the numbers whose turn it is; returns how many texts were found.

    No transaction is open while a provider is asked.
    """
    sql.run(KNOW, BACK, EVERY)
    due = [Number(*row) for row in sql.rows(CLAIM, LEASE, BATCH)]
    if not due:
        return 0
    known = lines.read_credentials({number.account_id for number in due})
    found = asyncio.run(_ask(due, known))
    failed = [number for number in due if number.id not in found]
    if failed:
        log.warning("no list of what %s numbers received; asked again later", len(failed))
        sql.run(FAILED, [number.id for number in failed])
    return sum(_keep(number, found[number.id]) for number in due if number.id in found)


@transaction.atomic
def look(account: ProviderAccount, *, by: User) -> int:
    """Somebody wants it looked up now; returns how many numbers that are."""
    sql.run(KNOW, BACK, EVERY)
    numbers = sql.run(LOOK, account.id)
    audit.record(
        "provider_account.looked_up", of=account.customer_id, by=by, about=account, numbers=numbers
    )
    return numbers


Found = dict[int, list[Received]]


async def _ask(due: Sequence[Number], known: Known) -> Found:
    """What the providers list, by number; a number that is missing could not be listed."""
    accounts: dict[UUID, list[Number]] = defaultdict(list)
    for number in due:
        accounts[number.account_id].append(number)
    asked = (_ask_account(known, id, numbers) for id, numbers in accounts.items())
    found: Found = {}
    for each in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(each, BaseException):
            # Its numbers are missing, which is what counts; what it says may name them.
            log.error("an account's list could not be read: %s", type(each).__name__)
        else:
            found |= each
    return found


async def _ask_account(
    known: Mapping[UUID, tuple[str, providers.Credentials]], id: UUID, numbers: Sequence[Number]
) -> Found:
    found: Found = {}
    if id not in known:
        return found
    provider, credentials = known[id]
    line = providers.get(provider).connect(credentials)
    try:
        async with asyncio.timeout(PATIENCE):
            for number in numbers:
                address = channels.get(number.channel).wire(number.address)
                since = number.complete_until - OVERLAP
                found[number.id] = await line.find_received(address, since)
    except OSError:
        # Also when time is up. The account's other numbers would fare no better now.
        pass
    finally:
        await line.close()
    return found


def _keep(number: Number, found: Sequence[Received]) -> int:
    """Store what is unknown. What may still be on its way here is left for a second look."""
    old = [text for text in found if text.created_at <= number.now - YOUNG]
    young = [text.provider_sid[:LONGEST_KEY] for text in found[len(old) :]]
    stored = 0
    if old:
        columns = zip(
            *(
                (
                    number.customer_id,
                    number.account_id,
                    text.provider_sid[:LONGEST_KEY],
                    json.dumps(text.parameters),
                    True,
                )
                for text in old
            ),
            strict=True,
        )
        ((_, stored),) = sql.rows(STORE, *(list(column) for column in columns))
    is_open = len(sql.rows(KNOWN, number.account_id, young)) < len(young)
    sql.run(DONE, number.now, number.lease, YOUNG if is_open else EVERY, number.id)
    if stored:
        log.info("%s texts had not reached us and were recovered", stored)
    return int(stored)
