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

    lot = {"customer": str(ACME), "events": [["thread", str(THREAD), 7]]}
    assert heard_while(work) == [lot]


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

    events_of_acme = [["inbox", str(ACME), 0], ["thread", str(THREAD), 1]]
    assert heard_while(work) == [{"customer": str(ACME), "events": events_of_acme}]


def test_a_notice_is_of_one_customer_and_fits() -> None:
    events = [
        (customer, "thread", uuid4(), 2**31) for customer in (ACME, THREAD) for _ in range(101)
    ]
    lots = list(live.lots(events))
    assert [len(live.read(lot)[1]) for lot in lots] == [100, 1, 100, 1]
    assert [live.read(lot)[0] for lot in lots] == [str(ACME)] * 2 + [str(THREAD)] * 2
    assert max(map(len, lots)) < 8_000
