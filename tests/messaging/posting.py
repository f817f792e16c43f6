"""Posts to the hooks as the provider posts them: an ASGI call, signed by its own signer."""

import asyncio
from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from twilio.request_validator import RequestValidator

from messaging.hooks import Hooks
from tests.conftest import TOKEN
from textengage.cast import ACME_SID

FORM = "application/x-www-form-urlencoded"
Scope = MutableMapping[str, Any]


async def call(
    hooks: Hooks, path: str, body: bytes = b"", *, method: str = "POST", **headers: str
) -> int:
    """One request; the status it is answered with."""
    sent: list[MutableMapping[str, Any]] = []
    parts = [body[at : at + 16_384] for at in range(0, len(body), 16_384)] or [b""]

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    names = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    route, _, query = path.partition("?")
    scope: Scope = {
        "type": "http", "method": method, "path": route, "raw_path": route.encode(),
        "query_string": query.encode(), "headers": names,
    }  # fmt: skip
    await hooks(scope, receive, send)
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return int(sent[0]["status"])


def signed(path: str, token: str = TOKEN, sid: str = ACME_SID, **form: str) -> dict[str, Any]:
    """The body and headers of a form that the provider signed."""
    parameters = {"AccountSid": sid} | form
    signature = RequestValidator(token).compute_signature(settings.PUBLIC_URL + path, parameters)
    return {
        "body": urlencode(parameters).encode(),
        "x_twilio_signature": signature,
        "content_type": FORM,
    }


def post(path: str, *requests: dict[str, Any]) -> list[int]:
    """Statuses of requests that arrive together at one process."""

    async def run() -> list[int]:
        hooks = Hooks()
        try:
            return list(await asyncio.gather(*(call(hooks, path, **each) for each in requests)))
        finally:
            await hooks.close()

    return asyncio.run(run())


def one(path: str, request: dict[str, Any]) -> int:
    (status,) = post(path, request)
    return status


def in_turn(requests: Iterable[tuple[str, dict[str, Any]]]) -> list[int]:
    """Statuses of requests one after the other."""

    async def run() -> list[int]:
        hooks = Hooks()
        try:
            return [await call(hooks, path, **request) for path, request in requests]
        finally:
            await hooks.close()

    return asyncio.run(run())
