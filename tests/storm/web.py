"""The web process, which notes every answer that is the server's fault."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn

from textengage import asgi

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


def main(words: list[str]) -> None:
    """``words``: the file for notes, the port."""
    notes = Path(words[0])

    async def application(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Send
    ) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] >= 500:
                with open(notes, "a", encoding="utf-8") as file:
                    file.write(f"{message['status']} {scope['path'].split('/')[-2]}\n")
            await send(message)

        await asgi.application(scope, receive, noting)

    os.environ.setdefault("DATABASE_POOL", "4")
    uvicorn.run(application, host="127.0.0.1", port=int(words[1]), log_level="warning")
