"""Telling open pages what changed: a NOTIFY that fires with the commit, once.

An event says only what changed (topic, id, version). The page then fetches the fragment
through the same guarded view as ever, so an event can leak nothing but an id.
"""

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

CHANNEL = "live"


def changed(customer_id: UUID, topic: str, id: UUID, version: int = 0) -> None:
    """Announce one change of one customer's thing, when the transaction commits."""
    changed_many([(customer_id, topic, id, version)])


def changed_many(events: Iterable[tuple[UUID, str, UUID, int]]) -> None:
    """Announce many changes with one statement."""
    payloads = [payload(*event) for event in dict.fromkeys(events)]
    if payloads:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, p) FROM unnest(%s::text[]) p", [CHANNEL, payloads])


def payload(customer_id: UUID, topic: str, id: UUID, version: int) -> str:
    """The event's wire form."""
    event: dict[str, Any] = {"customer": str(customer_id), "topic": topic, "id": str(id)}
    return json.dumps(event | {"version": version}, separators=(",", ":"))


def wake(channel: str) -> None:
    """Wake whoever listens on a channel, when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [channel])


async def listener() -> psycopg.AsyncConnection[Any]:
    """A connection for LISTEN, of its own: a pooled one would hold a place for ever."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold", "pool"):
        parameters.pop(name, None)
    return await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
