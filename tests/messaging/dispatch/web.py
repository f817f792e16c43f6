"""The hooks behind a real HTTP server, in a thread of the test."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from messaging.hooks import Hooks


@contextmanager
def hooks_server() -> Iterator[str]:
    """The address that providers call."""
    hooks = Hooks()
    config = uvicorn.Config(hooks, port=0, lifespan="off", log_level="warning", access_log=False)
    server = _Server(config, hooks)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


class _Server(uvicorn.Server):
    """Closes the hooks' connections on the loop that opened them."""

    def __init__(self, config: uvicorn.Config, hooks: Hooks) -> None:
        super().__init__(config)
        self.hooks = hooks

    async def shutdown(self, sockets: object = None) -> None:
        await super().shutdown()
        await self.hooks.close()
