"""The workers: one parent that has imported everything and forks them, real ones otherwise.

Starting a worker the usual way costs two seconds of CPU, most of it imports, and a storm
kills one in nearly every schedule. The parent has no thread and no connection. It reads
``slot`` numbers from standard input and answers each with the new worker's process id.

The product knows nothing of the failpoints: its functions are wrapped here, by name.
"""

import asyncio
import functools
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction

from messaging.dispatch import claim, pump, settle, wire
from messaging.providers import Answer, Parcel, twilio
from tests.storm.board import Board, Point
from tests.storm.child import die_with_parent
from textengage import celery, pumping, timetable
from textengage.lib import sql

QUICKER = {"SWEEP_EVERY": 0.15, "IDLE": 0.15}
"""Seconds between looks that nothing wakes; the product's own suit a product."""
IDLE_TIMEOUT = """
SELECT extract(epoch FROM current_setting('idle_in_transaction_session_timeout')::interval)
"""
READY = (pumping, timetable)
"""Imported before the first fork, so that no worker has to."""


def main(words: list[str]) -> None:
    """``words``: the folder of the board and the logs."""
    var = Path(words[0])
    board = Board(var / "board")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    print("ready", flush=True)
    for line in sys.stdin:
        slot = int(line)
        child = os.fork()
        if not child:
            _become_worker(slot, var, board)
        print(child, flush=True)


def _become_worker(slot: int, var: Path, board: Board) -> None:
    code = 1
    try:
        die_with_parent()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _redirect(var / f"worker-{slot}.log")
        random.seed()
        _instrument(Points(board, slot))
        pool = ["--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"]
        celery.app.worker_main(["--quiet", "worker", *pool, "-n", f"storm-{slot}"])
        code = 0
    finally:
        os._exit(code)


def _redirect(log: Path) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(nothing, 0)
    os.dup2(file, 1)
    os.dup2(file, 2)


class Points:
    """The failpoints of one worker."""

    def __init__(self, board: Board, slot: int) -> None:
        self.board, self.slot = board, slot

    def is_armed(self, point: Point) -> bool:
        return self.board.is_armed(self.slot, point)

    def reach(self, point: Point) -> None:
        """Nothing, or the end of this process, or a stop until somebody continues it."""
        if self.board.strikes_now(self.slot, point):
            if self.board.stops(self.slot):
                # To this very thread: one sent to the process stops it whenever its main
                # thread is next awake, and this one would be past the point by then.
                signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
            else:
                os.kill(os.getpid(), signal.SIGKILL)


def _instrument(points: Points) -> None:
    _follow_the_storms_clock(points.board)
    for name, seconds in QUICKER.items():
        if hasattr(pump, name):
            setattr(pump, name, seconds)
    claim.claim = _committing(
        _noting_timeout(claim.claim, points.board),
        points,
        Point.BEFORE_CLAIM_COMMIT,
        Point.AFTER_CLAIM_COMMIT,
    )
    wire.start = _then(wire.start, points, Point.AFTER_START_COMMIT)
    settle.settle = _committing(
        settle.settle, points, Point.BEFORE_SETTLE_COMMIT, Point.AFTER_SETTLE_COMMIT
    )
    twilio.TwilioLine.send = _sending(twilio.TwilioLine.send, points)  # type: ignore[method-assign]


def _follow_the_storms_clock(board: Board) -> None:
    """The clock that counts suspension goes ahead with the storm's; the others do not."""
    real = time.clock_gettime

    def shifted(clock: int) -> float:
        return real(clock) + board.shift

    time.clock_gettime = shifted


def _noting_timeout(work: Callable[..., Any], board: Board) -> Callable[..., Any]:
    """Tell the harness for how long a transaction of a pump may do nothing."""

    @functools.wraps(work)
    def wrapped(*given: Any, **named: Any) -> Any:
        if not noted:
            noted.append(True)
            ((text,),) = sql.rows(IDLE_TIMEOUT)
            board.idle_timeout = float(text)
        return work(*given, **named)

    noted: list[bool] = []
    return wrapped


def _then(work: Callable[..., Any], points: Points, after: Point) -> Callable[..., Any]:
    @functools.wraps(work)
    def wrapped(*given: Any, **named: Any) -> Any:
        done = work(*given, **named)
        if done:
            points.reach(after)
        return done

    return wrapped


def _committing(
    work: Callable[..., Any], points: Points, before: Point, after: Point
) -> Callable[..., Any]:
    """A point inside the transaction, everything written, and one behind its commit."""

    @functools.wraps(work)
    def wrapped(*given: Any, **named: Any) -> Any:
        if points.is_armed(before):
            with transaction.atomic():
                done = work(*given, **named)
                if _mattered(done, given):
                    points.reach(before)
        else:
            done = work(*given, **named)
        if _mattered(done, given):
            points.reach(after)
        return done

    return wrapped


def _mattered(done: Any, given: Sequence[Any]) -> bool:
    """Something was claimed, or there was something to settle."""
    return bool(done) or bool(given and not isinstance(given[0], int) and given[0])


def _sending(send: Callable[..., Any], points: Points) -> Callable[..., Any]:
    @functools.wraps(send)
    async def wrapped(line: twilio.TwilioLine, parcel: Parcel) -> Answer:
        points.reach(Point.BEFORE_REQUEST)
        exchange: asyncio.Task[Answer] = asyncio.ensure_future(send(line, parcel))
        if points.is_armed(Point.DURING_REQUEST):
            await asyncio.wait({exchange}, timeout=random.choice((0.0, 0.001, 0.004)))  # noqa: S311
            if not exchange.done():
                points.reach(Point.DURING_REQUEST)
        answer = await exchange
        points.reach(Point.AFTER_ANSWER_BEFORE_COMMIT)
        return answer

    return wrapped
