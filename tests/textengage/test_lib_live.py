"""Events reach listeners with the commit, once, and not at all after a rollback."""

import asyncio
import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from textengage.lib import live

pytestmark = pytest.mark.usefixtures("committed")
ACME, THREAD = uuid4(), uuid4()


def heard_while(work: Callable[[], None]) -> list[Any]:
    """What a listener hears of ``work``, which runs meanwhile; a last word ends the wait."""

    async def listen() -> list[Any]:
        heard: list[Any] = []
        async with await live.listener() as listener:
            await listener.execute(f"LISTEN {live.CHANNEL}")
            await asyncio.to_thread(work)
            await listener.execute(f"SELECT pg_notify('{live.CHANNEL}', 'end')")
            async for notice in listener.notifies(timeout=5):
                if notice.payload == "end":
                    break
                heard.append(json.loads(notice.payload))
        return heard

    return asyncio.run(listen())


def in_a_thread(work: Callable[[], None]) -> Callable[[], None]:
    """Closes the connection that the thread opened."""

    def run() -> None:
        try:
            work()
        finally:
            transaction.get_connection().close()

    return run


def test_changed_is_heard_once_after_the_commit() -> None:
    @in_a_thread
    def work() -> None:
        with transaction.atomic():
            live.changed(ACME, "thread", THREAD, 7)
            live.changed(ACME, "thread", THREAD, 7)

    event = {"customer": str(ACME), "topic": "thread", "id": str(THREAD), "version": 7}
    assert heard_while(work) == [event]


def test_changed_is_not_heard_after_a_rollback() -> None:
    @in_a_thread
    def work() -> None:
        with transaction.atomic():
            live.changed(ACME, "thread", THREAD)
            transaction.set_rollback(True)

    assert heard_while(work) == []


def test_changed_many_says_each_thing_once() -> None:
    events = [(ACME, "inbox", ACME, 0), (ACME, "thread", THREAD, 1), (ACME, "inbox", ACME, 0)]

    @in_a_thread
    def work() -> None:
        live.changed_many(events)

    assert [(event["topic"], event["version"]) for event in heard_while(work)] == [
        ("inbox", 0),
        ("thread", 1),
    ]
