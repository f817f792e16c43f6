"""The process's listener and the streams it feeds, without a database."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest

from textengage.lib.hub import CATCH_UP, QUEUE, Hub, Stream
from textengage.lib.live import lots

ACME, GLOBEX = uuid4(), uuid4()
THREAD = uuid4()
EVENT = json.dumps({"topic": "thread", "id": str(THREAD)}, separators=(",", ":"))


class Heard(Hub):
    """A hub whose listener is the test."""

    async def _listen(self) -> None:
        return

    def connect(self, at: float) -> None:
        self._since = at

    def hear(self, customer_id: UUID, version: int = 0) -> None:
        (lot,) = lots([(customer_id, "thread", THREAD, version)])
        self._arrived(lot)


async def waiting(stream: Stream) -> "list[str | None]":
    found = []
    while True:
        try:
            found.append(await stream.next(0.01))
        except TimeoutError:
            return found


def test_an_event_reaches_its_own_customers_pages_only() -> None:
    async def run() -> None:
        hub = Heard()
        ours, theirs = hub.open(ACME), hub.open(GLOBEX)
        hub.hear(ACME)
        assert await waiting(ours) == [EVENT]
        assert await waiting(theirs) == []

    asyncio.run(run())


def test_a_version_of_zero_is_left_out_and_another_is_told() -> None:
    async def run() -> None:
        hub = Heard()
        page = hub.open(ACME)
        hub.hear(ACME, version=7)
        assert await waiting(page) == [EVENT[:-1] + ',"version":7}']

    asyncio.run(run())


@pytest.mark.parametrize(
    "text", ["", "no json", "{}", "[]", '{"customer":"x","events":[["thread"]]}']
)
def test_a_notice_of_another_shape_is_ignored(text: str) -> None:
    async def run() -> None:
        hub = Heard()
        page = hub.open(ACME)
        hub._arrived(text)
        assert await waiting(page) == []

    asyncio.run(run())


def test_a_page_hears_what_happened_since_it_was_drawn() -> None:
    async def run() -> None:
        hub = Heard()
        hub.open(ACME)
        hub.connect(at=0)
        hub.hear(ACME)
        hub.hear(GLOBEX)
        now = hub._recent[-1][0]
        assert await waiting(hub.open(ACME, since=now - 1)) == [EVENT]
        assert await waiting(hub.open(ACME, since=now + 60)) == []

    asyncio.run(run())


def test_a_page_older_than_the_listener_catches_up() -> None:
    async def run() -> None:
        hub = Heard()
        hub.open(ACME)
        hub.connect(at=1_000)
        assert await waiting(hub.open(ACME, since=900)) == [CATCH_UP]

    asyncio.run(run())


def test_a_slow_reader_is_told_to_catch_up() -> None:
    async def run() -> None:
        hub = Heard()
        page = hub.open(ACME)
        for _ in range(QUEUE + 1):
            hub.hear(ACME)
        assert await waiting(page) == [CATCH_UP]

    asyncio.run(run())


def test_closing_ends_every_stream_and_those_to_come() -> None:
    async def run() -> None:
        hub = Heard()
        page = hub.open(ACME)
        hub.close()
        assert await page.next(1) is None
        assert await hub.open(ACME).next(1) is None

    asyncio.run(run())


def test_who_left_hears_nothing_more() -> None:
    async def run() -> None:
        hub = Heard()
        page = hub.open(ACME)
        hub.leave(page)
        hub.hear(ACME)
        assert await waiting(page) == []

    asyncio.run(run())
