"""The pump: claims, sends, settles, reconciles and sweeps, for the life of a worker.

One asyncio loop in a thread of its own carries the sockets; the database is spoken to
from four threads (claiming, the wire's states, what came in, slow chores), so that none
waits for another. It
needs no broker (ARCHITECTURE decision 2). More workers are more pumps: the claim skips
what another one holds.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar
from uuid import UUID

import uvloop
from django.db import DataError, IntegrityError, connection

from messaging import channels
from messaging.dispatch import callbacks, claim, reconcile, settle, sweeps, wire
from messaging.dispatch.claim import Claimed
from messaging.dispatch.lines import Lines
from messaging.dispatch.outbox import OUTBOX
from messaging.dispatch.settle import Settled
from messaging.providers import Answer, Outcome, Parcel
from messaging.senders import pace
from textengage.lib import live
from textengage.lib.scoping import across_customers

log = logging.getLogger(__name__)
T = TypeVar("T")

IN_FLIGHT: Final = 500
"""Texts claimed and not settled, in one pump."""
LOT: Final = 200
"""Texts claimed in one transaction."""
START_WITHIN: Final = 20.0
"""Seconds after the claim, by a clock that counts suspension; the lease is 60."""
SETTLE_EVERY: Final = 0.05
SETTLE_AT: Final = 200
IDLE: Final = 1.0
TOO_MANY: Final = 429
"""The HTTP status by which a provider asks us to slow down."""
SWEEP_EVERY: Final = 5.0
"""Seconds."""


def elapsed() -> float:
    """Seconds by a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Pump:
    """Start it, stop it. ``intake`` runs whenever something came in, ``chores`` at times.

    Both are functions without arguments that return how much they did; they run on the
    pump's threads with every customer in view, and an error in one stops nothing else.
    """

    def __init__(
        self,
        *,
        intake: Sequence[Callable[[], int]] = (),
        chores: Sequence[Callable[[], int]] = (),
        in_flight: int = IN_FLIGHT,
    ) -> None:
        self.intake, self.chores, self.capacity = intake, chores, in_flight
        self.database = ThreadPoolExecutor(1, "pump-database")
        self.wire = ThreadPoolExecutor(1, "pump-wire")
        self.inbox = ThreadPoolExecutor(1, "pump-intake")
        self.slow = ThreadPoolExecutor(1, "pump-chores")
        self.thread = threading.Thread(target=self._run, name="pump", daemon=True)
        self.ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        self.thread.start()
        self.ready.wait(10)

    def stop(self, timeout: float = 35.0) -> None:
        """Claim nothing more, let what is on the wire be answered, settle it, end."""
        if self.loop and self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.stopping.set)
            self.thread.join(timeout)
        for pool in (self.database, self.wire, self.inbox, self.slow):
            pool.shutdown(wait=False, cancel_futures=True)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        self.wake = {OUTBOX: asyncio.Event(), "inbound": asyncio.Event()}
        self.startable = asyncio.Event()
        self.lines = Lines()
        self.waiting: dict[UUID, deque[tuple[float, Claimed]]] = defaultdict(deque)
        self.flying: dict[UUID, int] = defaultdict(int)
        self.settled: list[Settled] = []
        self.sends: set[asyncio.Task[None]] = set()
        self.unsettled = 0
        background = [
            asyncio.create_task(self._forever(step, name))
            for name, step in (
                ("claim", self._claim),
                ("start", self._start),
                ("listen", self._listen),
                ("intake", self._take_in),
                ("sweep", self._sweep),
                ("reconcile", self._reconcile),
                ("chores", self._do_chores),
            )
        ]
        settling = asyncio.create_task(self._forever(self._settle, "settle"))
        self.ready.set()
        await self.stopping.wait()
        await self._end(background, settling)

    async def _end(
        self, background: list[asyncio.Task[None]], settling: asyncio.Task[None]
    ) -> None:
        claiming, starting, *others = background
        for task in others:
            task.cancel()
        # Not canceled: what was just claimed is given back, what was just marked is sent.
        self.wake[OUTBOX].set()
        self.startable.set()
        await asyncio.wait({claiming, starting}, timeout=5)
        await asyncio.gather(*background, return_exceptions=True)
        kept = [each.message_id for queue in self.waiting.values() for _, each in queue]
        with contextlib.suppress(Exception):
            await self._in(self.database, sweeps.give_back, kept)
        if self.sends:
            await asyncio.wait(self.sends, timeout=31)
        # First one settler ends, then the other settles: they would drop each other's answers.
        settling.cancel()
        await asyncio.gather(settling, return_exceptions=True)
        with contextlib.suppress(Exception):
            while self.settled:
                await self._settle()
        await self.lines.close()
        pools = (self.database, self.wire, self.inbox, self.slow)
        closing = (asyncio.wait_for(self._in(pool, _hang_up), 2) for pool in pools)
        await asyncio.gather(*closing, return_exceptions=True)

    async def _forever(self, step: Callable[[], Awaitable[None]], name: str) -> None:
        """Repeat a step; an error is logged and the step tried again, never given up."""
        pause = 0.2
        while step == self._settle or not self.stopping.is_set():
            try:
                await step()
                pause = 0.2
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("the pump's step %r failed; again in %.1f s", name, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)

    async def _listen(self) -> None:
        """Wait for NOTIFY on a connection of our own; lost ones are made again."""
        async with await live.listener() as listener:
            for channel in self.wake:
                await listener.execute(f"LISTEN {channel}")
            for event in self.wake.values():
                event.set()
            async for notice in listener.notifies():
                self.wake[notice.channel].set()

    async def _claim(self) -> None:
        """Claim what there is room for, in lots large enough to be worth a transaction."""
        room = self.capacity - self.unsettled
        if room < self.capacity // 4:
            await self._rest(OUTBOX, SETTLE_EVERY)
            return
        # An account that has as much waiting as it can send at once leaves room for others.
        full = self.lines.full(self.waiting)
        claimed = await self._in(self.database, claim.claim, min(room, LOT), full)
        if claimed:
            await self.lines.know({each.account_id for each in claimed}, self._in_database)
        now = elapsed()
        for each in claimed:
            self.waiting[each.account_id].append((now, each))
        self.unsettled += len(claimed)
        self.startable.set()
        if len(claimed) < min(room, LOT):
            # Senders that may not send yet are waited for; anything new wakes at once.
            await self._rest(OUTBOX, await self._in_database(pace.rest))

    async def _start(self) -> None:
        """Mark as sending what the accounts have room for, and send that."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.startable.wait(), IDLE)
        self.startable.clear()
        going: list[Claimed] = []
        for account_id, queue in self.waiting.items():
            free = self.lines.room(account_id).size - self.flying[account_id]
            while queue and elapsed() - queue[0][0] > START_WITHIN:
                # Too old to start, also where an account has no room or no credentials: the
                # sweep gives it back to the queue, and it takes up no room here.
                queue.popleft()
                self.unsettled -= 1
            while queue and free > 0:
                going.append(queue.popleft()[1])
                free -= 1
        if not going:
            return
        try:
            allowed = await self._in(self.wire, wire.start, [each.attempt_id for each in going])
        except BaseException:
            self.unsettled -= len(going)
            raise
        for each in going:
            if each.attempt_id in allowed:
                self.flying[each.account_id] += 1
                task = asyncio.create_task(self._send(each))
                self.sends.add(task)
                task.add_done_callback(self.sends.discard)
            else:
                self.unsettled -= 1

    async def _send(self, each: Claimed) -> None:
        try:
            answer = await self.lines.of(each.account_id).send(_parcel(each))
        except Exception:
            log.exception("a line broke its promise not to raise")
            answer = Answer(Outcome.UNCERTAIN)
        self.flying[each.account_id] -= 1
        room = self.lines.room(each.account_id)
        if answer.http_status == TOO_MANY:
            room.refused(answer.retry_after)
        elif answer.outcome is Outcome.ACCEPTED:
            room.accepted()
        self.settled.append(Settled(each.message_id, each.attempt_id, answer))
        if self.waiting[each.account_id]:
            self.startable.set()

    async def _settle(self) -> None:
        """Write what was answered, every 50 ms or 200 answers; keep it until written."""
        batch = self.settled[:SETTLE_AT]
        if not batch:
            await asyncio.sleep(SETTLE_EVERY)
            return
        try:
            await self._in(self.wire, settle.settle, batch)
        except (DataError, IntegrityError):
            await self._settle_one_by_one(batch)
        del self.settled[: len(batch)]
        self.unsettled -= len(batch)
        self.wake[OUTBOX].set()
        if len(self.settled) < SETTLE_AT:
            await asyncio.sleep(SETTLE_EVERY)

    async def _settle_one_by_one(self, batch: Sequence[Settled]) -> None:
        """An answer that cannot be written must not cost the others theirs."""
        for each in batch:
            try:
                await self._in(self.wire, settle.settle, [each])
            except (DataError, IntegrityError):
                # The sweep puts the text in doubt, and the reconciler asks about it.
                log.exception("the answer to attempt %s cannot be written", each.attempt_id)

    async def _take_in(self) -> None:
        done = 0
        for step in self.intake:
            done += await self._in(self.inbox, step)
        if not done:
            await self._rest("inbound", IDLE)

    async def _sweep(self) -> None:
        await self._in(self.database, sweeps.sweep)
        await asyncio.sleep(SWEEP_EVERY)

    async def _do_chores(self) -> None:
        """Work that may take minutes, on a thread nobody waits for."""
        for chore in self.chores:
            await self._in(self.slow, chore)
        await asyncio.sleep(SWEEP_EVERY)

    async def _reconcile(self) -> None:
        """Ask the providers about texts in doubt."""
        doubtful = await self._in(self.database, reconcile.due)
        if doubtful:
            await self.lines.know({each.account_id for each in doubtful}, self._in_database)
        for each in doubtful:
            try:
                found = await self.lines.of(each.account_id).find_sent(each.recipient, each.wire_at)
            except (OSError, KeyError):
                log.warning("the provider did not list its texts; asked again later")
                continue
            await self._in(self.database, reconcile.resolve, each, found)
        await asyncio.sleep(SWEEP_EVERY)

    async def _rest(self, channel: str, seconds: float) -> None:
        event = self.wake[channel]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)
        event.clear()

    def _in_database(self, work: Callable[..., T], *arguments: Any) -> Coroutine[Any, Any, T]:
        return self._in(self.database, work, *arguments)

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[..., T], *arguments: Any) -> T:
        assert self.loop is not None
        return await self.loop.run_in_executor(pool, _across, work, arguments)


def _across(work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    """Run on a database thread: every customer in view, a broken connection dropped."""
    connection.close_at = None  # Django would close it after every piece of work.
    connection.close_if_unusable_or_obsolete()
    with across_customers():
        return work(*arguments)


def _hang_up() -> None:
    """Close the connection of the thread that runs this."""
    connection.close()


def _parcel(each: Claimed) -> Parcel:
    channel = channels.get(each.channel)
    return Parcel(
        message_id=each.message_id,
        attempt_id=each.attempt_id,
        sender=channel.wire(each.sender),
        recipient=channel.wire(each.recipient),
        body=each.body,
        callback=callbacks.receipt_url(channel.provider, each.account_id, each.attempt_id),
        # The provider takes 1 to 36,000 s: a stuck text must not arrive hours late.
        validity_seconds=min(max(each.worth_seconds, 60), 36_000),
    )
