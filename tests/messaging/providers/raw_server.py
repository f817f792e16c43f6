"""A server that does exactly what a test says, byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from django.test import override_settings

from messaging.providers import Credentials, Line
from messaging.providers.twilio import TWILIO

SID = "AC" + "a" * 32
CREDENTIALS = Credentials(SID, ("a token",), 5)

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Seen:
    """The raw requests that reached the server, and on how many connections."""

    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """One whole request: head and body; empty when the other side has gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
    body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
    return head + body


def answer(status: str, body: bytes = b"", *headers: str, length: int | None = None) -> bytes:
    """An HTTP answer; ``length`` lies about the body's."""
    size = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {size}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[tuple[Line, Seen]]:
    """A line to a server that treats every connection by the script."""
    seen = Seen()
    open_ones: set[asyncio.StreamWriter] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.connections += 1
        open_ones.add(writer)
        try:
            while request := await request_of(reader):
                seen.requests.append(request)
                await script(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with override_settings(TWILIO_BASE_URL=f"http://127.0.0.1:{port}"):
        line = TWILIO.connect(CREDENTIALS)
        try:
            yield line, seen
        finally:
            await line.close()
            for writer in open_ones:
                writer.transport.abort()
            server.close()
            await asyncio.sleep(0.01)


def answering(*answers: bytes) -> Script:
    """Gives each request the next answer, the last one for ever."""
    left = list(answers)

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return script
