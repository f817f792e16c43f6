"""What the callbacks write, over a few database connections of the web process's own."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Final, TypeVar
from uuid import UUID

from django.db import connection
from psycopg_pool import AsyncConnectionPool, PoolClosed

from messaging.hooks.batching import Batcher, Row
from messaging.inbound.events import LONGEST_KEY, STORE

T = TypeVar("T")

CONNECTIONS: Final = 4
PATIENCE: Final = 5.0
"""Seconds to wait for a connection before the provider is asked to come again."""
LONGEST: Final = 8.0
"""Seconds for a connection and a statement together."""

RECEIPTS = """
WITH stored AS (
    INSERT INTO messaging_receipt (customer_id, account_id, attempt_id, provider_sid, status,
        error_code, body, received_at, parked)
    SELECT customer_id, account_id, attempt_id, sid, status, code, body, app_now(), false
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[],
        %s::jsonb[]) AS t (customer_id, account_id, attempt_id, sid, status, code, body)
    ON CONFLICT DO NOTHING
)
SELECT pg_notify('inbound', '')
"""


class Store:
    """Stores inbound texts and receipts; each returns after the commit."""

    def __init__(self) -> None:
        self._pool: AsyncConnectionPool | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False
        self._running: set[asyncio.Task[Any]] = set()
        self._inbound = Batcher(self._writing(STORE))
        self._receipts = Batcher(self._writing(RECEIPTS))

    async def inbound(self, customer_id: UUID, account_id: UUID, key: str, body: str) -> None:
        await self._inbound.put((customer_id, account_id, key[:LONGEST_KEY], body, False))

    async def receipt(
        self, customer_id: UUID, account_id: UUID, attempt_id: UUID, *rest: str
    ) -> None:
        """``rest``: the provider's id, status, error code, and the whole body as JSON."""
        sid, status, code, body = rest
        row = (customer_id, account_id, attempt_id, sid[:64], status[:24], code[:12], body)
        await self._receipts.put(row)

    async def find(self, statement: str, *parameters: Any) -> Row | None:
        """The first row of an answer. Raises TimeoutError when the database is silent."""
        return await self._in_time(self._execute(statement, parameters))

    async def close(self) -> None:
        """Write what waits, then let go; what comes later is answered 503."""
        await asyncio.gather(self._inbound.drain(), self._receipts.drain())
        async with self._opening:
            self._is_closed = True
            if self._pool is not None:
                await self._pool.close()

    async def _execute(self, statement: str, parameters: Sequence[Any]) -> Row | None:
        pool = await self._connections()
        async with pool.connection() as database:
            cursor = await database.execute(statement, parameters)
            return await cursor.fetchone() if cursor.description else None

    def _writing(self, statement: str) -> Any:
        async def write(rows: Sequence[Row]) -> None:
            columns = [list(column) for column in zip(*rows, strict=True)]
            await self._in_time(self._execute(statement, columns))

        return write

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        """Not waited for any longer: canceling a silent server takes ten seconds more."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        done, _ = await asyncio.wait({task}, timeout=LONGEST)
        if not done:
            task.cancel()
            raise TimeoutError("the database does not answer")
        return task.result()

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # the caller may be gone, and nobody else asks

    async def _connections(self) -> AsyncConnectionPool:
        async with self._opening:
            if self._is_closed:
                raise PoolClosed("the web process is ending")
            if self._pool is None:
                self._pool = await _open()
        return self._pool


async def _open() -> AsyncConnectionPool:
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "pool"):
        parameters.pop(name, None)
    pool = AsyncConnectionPool(
        kwargs={**parameters, "autocommit": True},
        min_size=1,
        max_size=CONNECTIONS,
        timeout=PATIENCE,
        open=False,
        name="hooks",
    )
    await pool.open()
    return pool
