"""Telling open pages what changed: a NOTIFY that fires with the commit, once.

An event says only what changed (topic, id, version). The page then fetches the fragment
through the same guarded view as ever, so an event can leak nothing but an id.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

import psycopg
from django.db import connection

CHANNEL: Final = "live"
LOT: Final = 100
"""Events in one notice. PostgreSQL carries 8,000 bytes; each event is about 60."""


def changed(customer_id: UUID, topic: str, id: UUID, version: int = 0) -> None:
    """Announce one change of one customer's thing, when the transaction commits."""
    changed_many([(customer_id, topic, id, version)])


def changed_many(events: Iterable[tuple[UUID, str, UUID, int]]) -> None:
    """Announce many changes with one statement, and one notice for each customer's lot."""
    payloads = list(lots(dict.fromkeys(events)))
    if payloads:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, p) FROM unnest(%s::text[]) p", [CHANNEL, payloads])


def lots(events: Iterable[tuple[UUID, str, UUID, int]]) -> Iterator[str]:
    """The wire form of events: ``{"customer", "events": [[topic, id, version], ...]}``."""
    by_customer: dict[UUID, list[tuple[str, str, int]]] = defaultdict(list)
    for customer_id, topic, id, version in events:
        by_customer[customer_id].append((topic, str(id), version))
    for customer_id, all_of_it in by_customer.items():
        for start in range(0, len(all_of_it), LOT):
            lot = {"customer": str(customer_id), "events": all_of_it[start : start + LOT]}
            yield json.dumps(lot, separators=(",", ":"))


def read(payload: str) -> tuple[str, list[str]]:
    """The customer's id and the events of one notice, as pages get them.

    Raises ValueError for what is no notice of ours.
    """
    lot = json.loads(payload)
    try:
        return lot["customer"], [_event(*each) for each in lot["events"]]
    except (KeyError, TypeError) as error:
        raise ValueError("no notice of ours") from error


def _event(topic: str, id: str, version: int) -> str:
    # Zero means that the thing has no version: every event counts.
    event = {"topic": topic, "id": id} | ({"version": version} if version else {})
    return json.dumps(event, separators=(",", ":"))


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
