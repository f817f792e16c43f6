"""One LISTEN connection per process, fanned out to the pages that are open on it.

The connection stands outside the pool: a page that stays open must not hold a place in it.
"""

import asyncio
import json
import logging
import signal
import threading
import time
from collections import deque
from typing import Any, Final
from uuid import UUID

import psycopg

from textengage.lib import live

log = logging.getLogger(__name__)

CATCH_UP: Final = json.dumps({"topic": "catch-up"})
"""Told when events may have been missed: the page asks again for what it shows."""
QUEUE: Final = 100
REMEMBERED: Final = 2_000
# Clocks of several web hosts may differ by this much, in seconds.
SKEW: Final = 1.0
RECONNECT: Final = 1.0
PROBE: Final = 30.0


class Stream:
    """The events of one open page. A reader that is too slow is told to catch up."""

    def __init__(self, customer_id: str) -> None:
        self.customer_id = customer_id
        self._waiting: asyncio.Queue[str | None] = asyncio.Queue(QUEUE)

    async def next(self, timeout: float) -> str | None:
        """The next event as JSON; None when the process stops. Raises TimeoutError."""
        return await asyncio.wait_for(self._waiting.get(), timeout)

    def put(self, event: str | None) -> None:
        if self._waiting.full():
            while not self._waiting.empty():
                self._waiting.get_nowait()
            event = event and CATCH_UP
        self._waiting.put_nowait(event)


class Hub:
    """The listener of this process. It starts with the first page and stays."""

    def __init__(self) -> None:
        self._streams: set[Stream] = set()
        self._recent: deque[tuple[float, str, str]] = deque(maxlen=REMEMBERED)
        self._since: float | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    def open(self, customer_id: UUID, since: float | None = None) -> Stream:
        """Subscribe a page to its customer's events, those since its drawing included.

        ``since`` is in seconds since 1970, by the clock of whoever drew the page.
        """
        self._start()
        stream = Stream(str(customer_id))
        self._streams.add(stream)
        if self._is_closed:
            stream.put(None)
        elif since is not None and self._since is not None:
            self._repeat(stream, since - SKEW)
        return stream

    def leave(self, stream: Stream) -> None:
        self._streams.discard(stream)

    def close(self) -> None:
        """End every stream, so that the server can stop at once."""
        self._is_closed = True
        for stream in self._streams:
            stream.put(None)
        if self._task:
            self._task.cancel()

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self.__init__()  # type: ignore[misc] # another loop: nothing of the old one holds
            self._loop = loop
            self._close_with_the_process()
        if self._task is None or self._task.done():
            self._task = loop.create_task(self._listen())

    def _repeat(self, stream: Stream, since: float) -> None:
        assert self._since is not None
        is_forgotten = len(self._recent) == REMEMBERED and self._recent[0][0] > since
        if since < self._since or is_forgotten:
            stream.put(CATCH_UP)
            return
        for at, customer_id, event in self._recent:
            if at >= since and customer_id == stream.customer_id:
                stream.put(event)

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (psycopg.Error, OSError) as problem:
                log.warning("live updates: %s; trying again", type(problem).__name__)
            self._since = None
            await asyncio.sleep(RECONNECT)

    async def _hear(self) -> None:
        connection = await live.listener()
        async with connection:
            await connection.execute(f"LISTEN {live.CHANNEL}")
            self._since = time.time()
            for stream in self._streams:
                stream.put(CATCH_UP)
            while True:
                async for notice in connection.notifies(timeout=PROBE):
                    self._arrived(notice.payload)
                # A connection that died without a word answers no question.
                await asyncio.wait_for(connection.execute("SELECT 1"), PROBE)

    def _arrived(self, payload: str) -> None:
        try:
            customer_id, events = live.read(payload)
        except ValueError:
            return
        now = time.time()
        self._recent.extend((now, customer_id, event) for event in events)
        for stream in self._streams:
            if stream.customer_id == customer_id:
                for event in events:
                    stream.put(event)

    def _close_with_the_process(self) -> None:
        """The server waits for open requests before it stops; these never end by themselves."""
        if threading.current_thread() is not threading.main_thread():
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            previous = signal.getsignal(number)
            if callable(previous):
                signal.signal(number, self._closing_before(previous))

    def _closing_before(self, previous: Any) -> Any:
        loop = self._loop

        def handler(number: int, frame: Any) -> None:
            if loop and not loop.is_closed():
                loop.call_soon_threadsafe(self.close)
            previous(number, frame)

        return handler


hub = Hub()
