"""The product's hooks in a thread of their own, posted to as the provider posts."""

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

from messaging.hooks import Hooks
from tests.messaging.posting import call, signed
from tests.storm.machine.world import TOKEN


class Post:
    """One set of hooks on one loop, kept from schedule to schedule."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="hooks", daemon=True)
        self.thread.start()
        self.hooks = Hooks()

    def send(self, path: str, form: dict[str, str], *, forged: bool = False) -> int:
        """One signed request; the status it is answered with."""
        return self.begin(path, form, forged=forged).result(20)

    def begin(self, path: str, form: dict[str, str], *, forged: bool = False) -> "Future[int]":
        request: dict[str, Any] = signed(path, "not the secret" if forged else TOKEN, **form)
        return asyncio.run_coroutine_threadsafe(call(self.hooks, path, **request), self.loop)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.hooks.close(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
