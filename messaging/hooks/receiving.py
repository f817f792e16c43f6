"""`/hooks/<provider>/<account>/...`: what providers call, ahead of Django.

Verify, cap, store once, answer after the commit. Nothing is decided here. An error in
verification is a 403; a database that cannot store in time is a 503, and the text is then
found in the provider's list. The address is built from PUBLIC_URL: no header of a request
can change it.
"""

import asyncio
import json
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import psycopg
from django.conf import settings
from psycopg_pool import PoolTimeout

from accounts import secrets
from messaging import providers
from messaging.hooks.batching import Overloaded
from messaging.hooks.beating import Beat
from messaging.hooks.storing import Store
from messaging.providers import Credentials

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ID: Final = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
PATH: Final = re.compile(rf"/hooks/([a-z]{{2,20}})/{ID}/(?:(inbound)|receipts/{ID})/")
MOST_BYTES: Final = 64 * 1024
ANSWERED_WITHIN: Final = 10.0
"""Seconds. The provider waits 15 (RULES 4.1 rule 10)."""
READ_WITHIN: Final = 5.0
KNOWN_FOR: Final = 15.0
"""Seconds for which an account's credentials are trusted."""

FIND_ACCOUNT = """
SELECT id, customer_id, provider, account_sid, sealed_token, sealed_next_token
FROM messaging_provideraccount WHERE id = %s AND provider = %s
"""


class Denied(Exception):
    """The request is answered with a status and nothing else."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Account:
    """Whose callbacks these are, and what signs them."""

    id: UUID
    customer_id: UUID
    credentials: Credentials


class Hooks:
    """The ASGI callable. One per process, with a few database connections of its own."""

    def __init__(self) -> None:
        self._store = Store()
        self._beat = Beat(self._store)
        self._accounts: dict[tuple[str, UUID], tuple[float, Account]] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                await self._take(scope, receive)
            status = 204
        except Denied as denied:
            status = denied.status
        except Overloaded:
            status = 503
        except (psycopg.Error, PoolTimeout, OSError):
            log.exception("a callback could not be stored; the provider's list will tell")
            status = 503
        except Exception:
            # An error in verification never lets a request through.
            log.exception("a callback could not be verified")
            status = 403
        # By default the provider does not come again after an answer, whatever it is.
        self._beat.missed |= status == 503
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def _take(self, scope: Message, receive: Receive) -> None:
        match = PATH.fullmatch(scope["path"])
        if match is None:
            raise Denied(404)
        if scope["method"] != "POST":
            raise Denied(405)
        try:
            async with asyncio.timeout(READ_WITHIN):
                body = await _read(receive)
        except TimeoutError:
            raise Denied(408) from None
        provider, account_id, is_inbound, attempt = match.groups()
        account = await self._account(provider, UUID(account_id))
        headers = {
            name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]
        }
        parameters = providers.get(provider).verify(
            _public_url(scope), body, headers, account.credentials
        )
        if parameters is None:
            raise Denied(403)
        if is_inbound:
            await self._store_inbound(provider, account, parameters)
        else:
            await self._store_receipt(provider, account, UUID(attempt), parameters)

    async def _store_inbound(
        self, provider: str, account: Account, parameters: dict[str, str]
    ) -> None:
        try:
            text = providers.get(provider).read_inbound(parameters)
        except KeyError:
            raise Denied(400) from None
        await self._store.inbound(
            account.customer_id, account.id, text.provider_sid, json.dumps(parameters)
        )

    async def _store_receipt(
        self, provider: str, account: Account, attempt: UUID, parameters: dict[str, str]
    ) -> None:
        try:
            receipt = providers.get(provider).read_receipt(parameters)
        except KeyError:
            raise Denied(400) from None
        await self._store.receipt(
            account.customer_id,
            account.id,
            attempt,
            receipt.provider_sid,
            receipt.status,
            receipt.error_code,
            json.dumps(parameters),
        )

    async def _account(self, provider: str, id: UUID) -> Account:
        if provider not in providers.all_providers():
            raise Denied(403)
        known = self._accounts.get((provider, id))
        if known and time.monotonic() - known[0] < KNOWN_FOR:
            return known[1]
        row = await self._store.find(FIND_ACCOUNT, id, provider)
        if row is None:
            raise Denied(403)
        account = _unsealed(*row)
        self._accounts[provider, id] = (time.monotonic(), account)
        return account

    def start(self) -> None:
        """Begin to say that callbacks are taken. Needs the running loop."""
        self._beat.start()

    async def close(self) -> None:
        """Store what waits, then let go of the database connections."""
        await self._beat.stop()
        await self._store.close()


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Denied(400)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            raise Denied(413)
        if not message.get("more_body"):
            return b"".join(parts)


def _public_url(scope: Message) -> str:
    """The address the provider called: what we gave it, with the query as it came."""
    query = scope.get("query_string", b"").decode("latin-1")
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
    return f"{settings.PUBLIC_URL}{path}" + (f"?{query}" if query else "")


def _unsealed(
    id: UUID, customer_id: UUID, provider: str, account_sid: str, *sealed: str
) -> Account:
    tokens = tuple(
        secrets.unseal(each, customer_id=customer_id, row_id=id) for each in sealed if each
    )
    return Account(id, customer_id, Credentials(account_sid, tokens, concurrency=1))
