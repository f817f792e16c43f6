"""Tells open pages what changed: server-sent events, gathered for a tenth of a second."""

import asyncio
import json
from typing import Any

from aiohttp import web

GATHER_SECONDS = 0.1


class Live:
    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str | None]] = set()
        self._changed: set[str] = set()
        self._flush: asyncio.TimerHandle | None = None
        self._closed = False

    def touch(self, changed: str) -> None:
        """`changed` is a phone's id, or "desk". Costs nothing while no page is open."""
        if not self._listeners:
            return
        self._changed.add(changed)
        if self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._send)

    def close(self) -> None:
        """Ends every stream, so that the server can stop at once."""
        self._closed = True
        for listener in self._listeners:
            listener.put_nowait(None)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        listener: asyncio.Queue[str | None] = asyncio.Queue()
        self._listeners.add(listener)
        try:
            await response.write(b"retry: 1000\n: open\n\n")
            await self._pass_on(listener, response)
        except ConnectionError:
            pass
        finally:
            self._listeners.discard(listener)
        return response

    async def _pass_on(
        self, listener: asyncio.Queue[str | None], response: web.StreamResponse
    ) -> None:
        while not self._closed:
            try:
                event = await asyncio.wait_for(listener.get(), timeout=15)
            except TimeoutError:
                event = ": still here\n\n"
            if event is None:
                return
            await response.write(event.encode())

    def _send(self) -> None:
        self._flush = None
        data: dict[str, Any] = {"changed": sorted(self._changed)}
        self._changed.clear()
        for listener in self._listeners:
            listener.put_nowait(f"event: changed\ndata: {json.dumps(data)}\n\n")
