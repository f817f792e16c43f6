"""Two hands on two database connections, moved by turns from statement to statement.

The order of the statements is drawn, so what happens between two of them is a schedule
that can be replayed, not luck. A hand that waits for a lock lets the other one go on.
"""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import psycopg
from django.db import connection

from textengage.lib.scoping import across_customers

AT, DONE = "at", "done"
GLANCE: Final = 0.002
"""Seconds after which a statement that has not ended may be waiting for a lock."""
PATIENCE: Final = 20.0
UNIMPORTANT: Final = ("SAVEPOINT", "RELEASE", "SELECT PG_NOTIFY", "SELECT APP_NOW")


class Stuck(AssertionError):
    """Neither hand moves any more."""


class Hand:
    """One thread with one connection, kept from schedule to schedule."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.work: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self.events: queue.SimpleQueue[tuple[int, str, Any]] = queue.SimpleQueue()
        self.go = threading.Semaphore(0)
        self.backend = 0
        self.thread = threading.Thread(target=self._run, name=f"hand {number}", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with across_customers(), connection.execute_wrapper(self._before):
            commit = connection._commit  # type: ignore[attr-defined]

            def at_commit() -> None:
                self._pause()
                commit()

            connection._commit = at_commit  # type: ignore[attr-defined]
            while (work := self.work.get()) is not None:
                self._pause()
                try:
                    result: Any = work()
                except Exception as error:
                    result = error
                self.events.put((self.number, DONE, result))
            connection.close()

    def _before(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if self.backend and not str(sql).lstrip().upper().startswith(UNIMPORTANT):
            self._pause()
        return execute(sql, params, many, context)

    def _pause(self) -> None:
        self.events.put((self.number, AT, None))
        self.go.acquire()


class Hands:
    """Both hands. `race` runs one piece of work on each."""

    def __init__(self, url: str) -> None:
        self.monitor = psycopg.connect(url, autocommit=True)
        self.events: queue.SimpleQueue[tuple[int, str, Any]] = queue.SimpleQueue()
        self.hands = [Hand(0), Hand(1)]
        for hand in self.hands:
            hand.events = self.events
        for hand in self.hands:
            hand.work.put(_own_backend)
            self._wait_for(hand, AT)
            hand.go.release()
            hand.backend = self._wait_for(hand, DONE)

    def _wait_for(self, hand: Hand, kind: str) -> Any:
        number, what, result = self.events.get(timeout=PATIENCE)
        assert (number, what) == (hand.number, kind), (number, what, result)
        return result

    def race(self, works: Sequence[Callable[[], Any]], switches: Sequence[int]) -> list[Any]:
        """Results or exceptions of both. ``switches``: how many statements each runs in turn."""
        for hand, work in zip(self.hands, works, strict=True):
            hand.work.put(work)
        results: list[Any] = [None, None]
        state = ["running", "running"]
        turns = iter(switches)
        current, left = 0, next(turns, 1_000)
        while not self._settle(state, results):
            if left <= 0 or state[current] != AT:
                if state[1 - current] == AT:
                    current = 1 - current
                elif state[current] != AT:
                    raise Stuck(f"hands are {state}")
                left = next(turns, 1_000)
            left -= 1
            state[current] = "running"
            self.hands[current].go.release()
        return results

    def _settle(self, state: list[str], results: list[Any]) -> bool:
        """Wait until each hand is at a statement, done, or waits for the other's lock."""
        for _ in range(int(PATIENCE / GLANCE)):
            while "running" in state or "blocked" in state:
                try:
                    number, what, result = self.events.get(
                        timeout=GLANCE if "running" in state else 0
                    )
                except queue.Empty:
                    break
                state[number], results[number] = what, result
            moving = [number for number in (0, 1) if state[number] in ("running", "blocked")]
            for number in moving:
                state[number] = "blocked" if self._is_blocked(number) else "running"
            if "running" not in state and state != ["blocked", "blocked"]:
                return state == [DONE, DONE]
        raise Stuck(f"hands are {state}")

    def _is_blocked(self, number: int) -> bool:
        row = self.monitor.execute(
            "SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.hands[number].backend]
        ).fetchone()
        return bool(row and row[0])

    def close(self) -> None:
        for hand in self.hands:
            hand.work.put(None)
        with contextlib.suppress(psycopg.Error):
            self.monitor.close()


def _own_backend() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def names(switches: Sequence[int]) -> Iterator[str]:
    """How a failure shows the turns."""
    yield from (f"{'AB'[number % 2]}{count}" for number, count in enumerate(switches))
