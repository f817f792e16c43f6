"""Many waiting rows, one statement, one commit; everybody answered after it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import psycopg

Row = tuple[Any, ...]
MOST_ROWS: Final = 500
MOST_WAITING: Final = 5_000


class Overloaded(Exception):
    """More waits than can be stored in good time: the caller should come again."""


class Batcher:
    """Collects rows while the statement before is still running, then writes them at once.

    Nobody waits for a timer: a lone row goes alone and at once, a crowd goes together.
    Used from one event loop.
    """

    def __init__(self, store: Callable[[Sequence[Row]], Awaitable[None]]) -> None:
        self._store = store
        self._waiting: deque[tuple[Row, asyncio.Future[None]]] = deque()
        self._writer: asyncio.Task[None] | None = None

    async def put(self, row: Row) -> None:
        """Returns when the row is committed. Raises Overloaded, or what storing raised."""
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, stored))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await stored

    async def drain(self) -> None:
        """Returns when nothing waits any more, stored or not."""
        while self._writer is not None and not self._writer.done():
            await asyncio.wait({self._writer})

    async def _write(self) -> None:
        while self._waiting:
            number = min(MOST_ROWS, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(number)]
            try:
                await self._store([row for row, _ in batch])
            except psycopg.DataError:
                await self._one_by_one(batch)
            except Exception as error:
                for _, stored in batch:
                    _finish(stored, error)
            else:
                for _, stored in batch:
                    _finish(stored)

    async def _one_by_one(self, batch: Sequence[tuple[Row, "asyncio.Future[None]"]]) -> None:
        """A row that cannot be stored must not cost its neighbors."""
        for row, stored in batch:
            try:
                await self._store([row])
            except Exception as error:
                _finish(stored, error)
            else:
                _finish(stored)


def _finish(stored: "asyncio.Future[None]", error: Exception | None = None) -> None:
    if stored.done():  # the caller has gone; what is stored is stored
        return
    if error is None:
        stored.set_result(None)
    else:
        stored.set_exception(error)
