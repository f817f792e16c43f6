"""Posts signed forms to the customer's addresses, as Twilio does."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urldefrag, urlencode

import aiohttp
from yarl import URL

from messaging.simulator.signing import signature
from messaging.simulator.state import State

TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5)
IN_FLIGHT = 100


class Poster:
    """One client for the life of the program; what it posts runs beside the requests."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        """Needs the running loop, which is why it is not done at once."""
        self._session = aiohttp.ClientSession(
            timeout=TIMEOUT,
            connector=aiohttp.TCPConnector(limit=IN_FLIGHT),
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
        )

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def post(
        self, state: State, account: str, url: str, form: dict[str, str], **headers: str
    ) -> int:
        """The status answered, 0 if nobody answered. A failed connection is tried once more."""
        token = state.tokens.get(account)
        if token is None:
            return 0
        address = urldefrag(url).url
        headers["X-Twilio-Signature"] = signature(address, form, token)
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        status = await self._once(address, form, headers)
        if status is None:
            status = await self._once(address, form, headers)
        state.counts["callbacks_posted" if status else "callbacks_failed"] += 1
        return status or 0

    async def _once(self, url: str, form: dict[str, str], headers: dict[str, str]) -> int | None:
        """None: no connection, worth another try. 0: connected, but no answer."""
        if self._session is None:
            raise RuntimeError("open() comes first")
        try:
            async with self._session.post(
                URL(url, encoded=True),
                data=urlencode(form).encode(),
                headers=headers,
                allow_redirects=False,
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientConnectionError, aiohttp.InvalidURL):
            return None
        except (TimeoutError, aiohttp.ClientError):
            return 0
