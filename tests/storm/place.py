"""Everything a schedule uses: the processes, the database, the clock, who there is."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import psycopg
from django.db import InterfaceError, OperationalError, connection

from tests.storm import ground
from tests.storm.processes import Processes
from tests.storm.world import House
from textengage.lib import clock
from textengage.lib.embedded import Server
from textengage.lib.scoping import across_customers

T = TypeVar("T")
PATIENCE = 20.0
"""Seconds for which the harness asks again while the database is down."""


# Nobody who is awake does nothing inside a transaction for so long.
END_IDLE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND state LIKE 'idle in transaction%%'
  AND state_change < now() - interval '100 milliseconds'
"""
WAITING = """
SELECT EXISTS (SELECT FROM messaging_inboundevent WHERE processed_at IS NULL AND NOT parked)
"""


class Rows:
    """The harness's own look into the database, over a connection that comes back."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._connection: psycopg.Connection[Any] | None = None

    def connection(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.url, autocommit=True)
        return self._connection

    def ask(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return self.connection().execute(statement, parameters).fetchall()
            except psycopg.OperationalError:
                self.close()
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(slots=True)
class Place:
    """Where schedules happen, one after the other."""

    server: Server
    processes: Processes
    rows: Rows
    houses: dict[str, House]
    phones: threading.Lock = field(default_factory=threading.Lock)
    """Held by whoever lets a candidate write."""
    passed: float = field(default=0.0)
    """Seconds that the clock was moved in this schedule."""

    def now(self) -> float:
        """The storm's time, in seconds since the epoch."""
        return time.time() + self.processes.board.shift

    def let_pass(self, seconds: float) -> None:
        """Move every process's clock: the workers' and the carrier's first, then the database's."""
        board = self.processes.board
        board.shift += seconds
        self.passed += seconds
        insist(lambda: clock.shift(timedelta(seconds=board.shift)))

    def let_pass_for_the_suspended(self, seconds: float) -> None:
        """The same while a worker is suspended, by whose clock nothing passes.

        If the server would end transactions that do nothing for so long, it does so when
        that time has come, and whoever waited for their locks has a moment to go on.
        """
        limit = self.processes.board.idle_timeout
        # Nobody writes now: what came in a moment ago must not look as if it had waited.
        with self.phones:
            self._wait_for_intake(1.5)
            if 0 < limit < seconds:
                self.let_pass(limit)
                self.rows.ask(END_IDLE)
                self._wait_for_intake(2.5)
                seconds -= limit
            self.let_pass(seconds)

    def _wait_for_intake(self, longest: float) -> None:
        until = time.monotonic() + longest
        while self.rows.ask(WAITING)[0][0] and time.monotonic() < until:
            self.processes.keep_alive()
            time.sleep(0.01)

    def restart_database(self) -> None:
        self.rows.close()
        ground.restart_at_once(self.server)


def insist(work: Callable[[], T], *, is_done: Callable[[], bool] = lambda: False) -> T | None:
    """Do it again while the database is down, unless it turns out to be done already.

    A commit whose answer was lost may have happened: whoever asks again looks first.
    """
    until = time.monotonic() + PATIENCE
    failed = False
    while True:
        try:
            with across_customers():
                if failed and is_done():
                    return None
                return work()
        except (OperationalError, InterfaceError):
            connection.close()
            failed = True
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
