"""A person's row: the lock that the claim, an opt-out and a merge all take.

Lock order everywhere: person rows by key, then balance rows by customer. The pump is the
exception that never waits: it skips persons somebody else has locked.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from textengage.lib import sql

Person = tuple[UUID, UUID]
"""(customer id, contact key)"""

ENSURE = """
INSERT INTO credits_contactwindow (customer_id, contact_key)
SELECT * FROM unnest(%s::uuid[], %s::uuid[]) ON CONFLICT DO NOTHING
"""
FIND = """
SELECT customer_id, contact_key, last_at FROM credits_contactwindow
WHERE (customer_id, contact_key) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))
"""


def ensure(persons: Iterable[Person]) -> None:
    """Make the rows that can be locked, for persons who have none yet."""
    sql.run(ENSURE, *_columns(persons))


def lock(persons: Iterable[Person]) -> dict[Person, datetime | None]:
    """Wait for and lock the persons, in key order; returns when each was last texted."""
    return _find(f"{FIND} ORDER BY contact_key, customer_id FOR UPDATE", persons)


def last_texted(persons: Iterable[Person]) -> dict[Person, datetime | None]:
    """When each person was last texted, without a lock: for forecasts and cost lines."""
    return _find(FIND, persons)


def _find(statement: str, persons: Iterable[Person]) -> dict[Person, datetime | None]:
    found = sql.rows(statement, *_columns(persons))
    return {(customer, key): last_at for customer, key, last_at in found}


def _columns(persons: Iterable[Person]) -> tuple[list[UUID], list[UUID]]:
    unique = sorted(set(persons), key=lambda person: (person[1], person[0]))
    return [customer for customer, _ in unique], [key for _, key in unique]
