"""The stream that tells an open page what changed (ARCHITECTURE section 7)."""

import time
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import connections
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from accounts.viewer import Viewer
from accounts.web.base import to_the_door
from textengage.lib.hub import hub

HEARTBEAT: Final = 15.0
RECHECK: Final = 30.0
RETRY_MS: Final = 1_000


@require_GET
async def stream(request: Any) -> HttpResponseBase:
    """Server-sent events for one page. They name what changed and carry nothing of it."""
    viewer: Viewer | None = request.viewer
    if viewer is None:
        return to_the_door(request)
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")
    since = _seconds(request.GET.get("since", ""))
    return StreamingHttpResponse(
        events(viewer.customer.id, key, since),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def events(customer_id: UUID, session_key: str, since: float | None) -> AsyncIterator[bytes]:
    """The stream's bytes, until the page leaves, the session ends or the server stops."""
    await sync_to_async(connections.close_all)()
    mine = hub.open(customer_id, since)
    checked_at = time.monotonic()
    try:
        yield f"retry: {RETRY_MS}\n: open\n\n".encode()
        while True:
            try:
                event = await mine.next(HEARTBEAT)
            except TimeoutError:
                yield b": still here\n\n"
            else:
                if event is None:
                    return
                yield f"data: {event}\n\n".encode()
            if time.monotonic() - checked_at > RECHECK:
                checked_at = time.monotonic()
                if not await sync_to_async(is_welcome)(session_key, customer_id):
                    return
    finally:
        hub.leave(mine)


def is_welcome(session_key: str, customer_id: UUID) -> bool:
    """Whether the session still belongs to an active person of the customer.

    Borrows a connection and gives it back.
    """
    try:
        probe = HttpRequest()
        probe.session = SessionStore(session_key)
        user = get_user(probe)
        if not user.is_authenticated:
            return False
        customer = user.customer
        return bool(customer and customer.is_active and customer.id == customer_id)
    finally:
        connections.close_all()


def _seconds(milliseconds: str) -> float | None:
    return int(milliseconds) / 1_000 if milliseconds.isdecimal() else None
