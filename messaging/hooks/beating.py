"""The sign that callbacks are taken, and a look for missed texts after a time without.

Every web process moves one row's instant every two seconds. Whoever finds it old knows that
nobody took callbacks, or that the database was away; whoever answered a callback with 503
knows that it may be lost. Either way every number is looked up now (`inbound/recovery.py`).
"""

import asyncio
import logging
from typing import Final

from messaging.hooks.storing import Store

log = logging.getLogger(__name__)

EVERY: Final = 2.0
"""Seconds."""

# The join reads the instant before, and locks it: one process finds the gap, not all.
BEAT = """
UPDATE messaging_hooksbeat b SET at = app_now()
FROM (SELECT id, at FROM messaging_hooksbeat WHERE id = 1 FOR UPDATE) before
WHERE b.id = before.id
RETURNING before.at < app_now() - interval '6 seconds'
"""
FIRST = "INSERT INTO messaging_hooksbeat (id, at) VALUES (1, app_now()) ON CONFLICT DO NOTHING"
LOOK = "UPDATE messaging_listing SET next_at = app_now() WHERE next_at > app_now()"


class Beat:
    """One per process; ``missed`` is set by whoever answers 503."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._task: asyncio.Task[None] | None = None
        self.missed = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._forever())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def once(self) -> bool:
        """Beat; returns whether missed texts are looked for now."""
        row = await self._store.find(BEAT)
        if row is None:
            await self._store.find(FIRST)
        if row is not None and not row[0] and not self.missed:
            return False
        await self._store.find(LOOK)
        self.missed = False
        return True

    async def _forever(self) -> None:
        is_silent = False
        while True:
            try:
                if await self.once():
                    log.info("callbacks are taken again: missed texts are looked for")
                is_silent = False
            except Exception as error:
                if not is_silent:
                    log.warning("the sign of life could not be written: %s", type(error).__name__)
                is_silent = True
            await asyncio.sleep(EVERY)
