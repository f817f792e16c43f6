"""Open lines to provider accounts, kept while their credentials stay the same."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sized
from typing import Any, Final
from uuid import UUID

from accounts import secrets
from messaging import providers
from messaging.dispatch.room import Room
from messaging.providers import Credentials, Line
from messaging.senders.models import ProviderAccount

log = logging.getLogger(__name__)

FRESH: Final = 30.0
"""Seconds for which read credentials are trusted."""
LONGEST_ANSWER: Final = 35.0
"""Seconds after which no request of a retired line can still be answered."""

Known = dict[UUID, tuple[str, Credentials]]


def read_credentials(account_ids: set[UUID]) -> Known:
    """Provider code and credentials of accounts, unsealed. Runs on a database thread."""
    known: Known = {}
    for account in ProviderAccount.objects.filter(id__in=account_ids):
        try:
            known[account.id] = (account.provider, credentials_of(account))
        except secrets.Unreadable:
            # Its texts wait and go back to the queue; the other accounts go on.
            log.error("the token of provider account %s cannot be read", account.id)
    return known


def credentials_of(account: ProviderAccount) -> Credentials:
    """Raises secrets.Unreadable."""
    return Credentials(account.account_sid, account.tokens, account.concurrency)


class Lines:
    """The lines of one pump. Used on its loop only."""

    def __init__(self) -> None:
        self._lines: dict[UUID, tuple[Credentials, Line]] = {}
        self._rooms: dict[UUID, Room] = {}
        self._read_at: dict[UUID, float] = {}
        self._retired: list[tuple[float, Line]] = []

    async def know(
        self, account_ids: set[UUID], in_database: Callable[..., Awaitable[Any]]
    ) -> None:
        """Make sure there is a line with current credentials for each account."""
        now = time.monotonic()
        stale = {id for id in account_ids if now - self._read_at.get(id, -FRESH) >= FRESH}
        if not stale:
            return
        await self._bury(now)
        found: Known = await in_database(read_credentials, stale)
        self._read_at |= dict.fromkeys(stale, now)
        for id, (provider, credentials) in found.items():
            if id in self._lines and self._lines[id][0] == credentials:
                continue
            old = self._lines.get(id)
            self.room(id).resize(credentials.concurrency)
            self._lines[id] = (credentials, providers.get(provider).connect(credentials))
            if old:
                # What is in flight on it may still be answered.
                self._retired.append((now, old[1]))

    async def _bury(self, now: float) -> None:
        """Close retired lines on which nothing can be answered any more."""
        for retired_at, line in list(self._retired):
            if now - retired_at >= LONGEST_ANSWER:
                self._retired.remove((retired_at, line))
                await line.close()

    def of(self, account_id: UUID) -> Line:
        """The line of an account that `know` was asked about. Raises KeyError."""
        return self._lines[account_id][1]

    def room(self, account_id: UUID) -> Room:
        """How many requests the account may have in flight; none without credentials."""
        return self._rooms.setdefault(account_id, Room(0))

    def full(self, waiting: Mapping[UUID, Sized]) -> list[UUID]:
        """The accounts for which more would only wait behind what waits already.

        Twice what is in flight at once keeps an account busy while more is being claimed.
        """
        return [
            id
            for id, room in self._rooms.items()
            if room.most and len(waiting.get(id, ())) >= 2 * room.size
        ]

    async def close(self) -> None:
        """Close every line, also those that wait for late answers."""
        for line in (*(old for _, old in self._retired), *(new for _, new in self._lines.values())):
            await line.close()
