"""A person's row: the lock that the claim, an opt-out and a merge all take.

Lock order everywhere: person rows by key, then balance rows by customer. The pump is the
exception that never waits: it skips persons somebody else has locked.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

Person = tuple[UUID, UUID]
"""(customer id, contact key)"""


def ensure(persons: Iterable[Person]) -> None:
    """Make the rows that can be locked, for persons who have none yet."""
    customers, keys = _columns(persons)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO credits_contactwindow (customer_id, contact_key)"
            " SELECT * FROM unnest(%s::uuid[], %s::uuid[]) ON CONFLICT DO NOTHING",
            [customers, keys],
        )


def lock(persons: Iterable[Person]) -> dict[Person, datetime | None]:
    """Wait for and lock the persons, in key order; returns when each was last texted."""
    customers, keys = _columns(persons)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, contact_key, last_at FROM credits_contactwindow"
            " WHERE (customer_id, contact_key) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))"
            " ORDER BY contact_key, customer_id FOR UPDATE",
            [customers, keys],
        )
        return {(customer, key): last_at for customer, key, last_at in cursor.fetchall()}


def last_texted(persons: Iterable[Person]) -> dict[Person, datetime | None]:
    """When each person was last texted, without a lock: for forecasts and cost lines."""
    customers, keys = _columns(persons)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id, contact_key, last_at FROM credits_contactwindow"
            " WHERE (customer_id, contact_key) IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))",
            [customers, keys],
        )
        return {(customer, key): last_at for customer, key, last_at in cursor.fetchall()}


def _columns(persons: Iterable[Person]) -> tuple[list[UUID], list[UUID]]:
    unique = sorted(set(persons), key=lambda person: (person[1], person[0]))
    return [customer for customer, _ in unique], [key for _, key in unique]
