"""The web process: provider callbacks ahead of Django, everything else behind it."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "textengage.settings")
django_application = get_asgi_application()

from messaging.hooks import Hooks  # noqa: E402 - needs the settings read above

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
hooks = Hooks()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        await _live_and_die(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith("/hooks/"):
        await hooks(scope, receive, send)
    else:
        await django_application(scope, receive, send)  # type: ignore[arg-type]


async def _live_and_die(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            await hooks.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        hooks.start()
        await send({"type": f"{message['type']}.complete"})
