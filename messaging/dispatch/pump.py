"""The pump: claims, sends, settles, reconciles and sweeps, for the life of a worker.

One asyncio loop in a thread of its own carries the sockets; the database is spoken to
from one thread for each kind of work (bulk, replies, the wire's states, answers, what came
in, slow chores), so that none waits for another. It needs no broker (ARCHITECTURE decision
2). More workers are more pumps: the claim skips what another one holds.
"""

import asyncio
import contextlib
import logging
import threading
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

import uvloop
from django.db import DataError, IntegrityError

from messaging import channels
from messaging.conversations.models import Message
from messaging.dispatch import (
    callbacks,
    claim,
    picking,
    reconcile,
    sessions,
    settle,
    sweeps,
    wire,
)
from messaging.dispatch.claim import Claimed
from messaging.dispatch.lines import Lines
from messaging.dispatch.lineup import Lateness, Lineup
from messaging.dispatch.outbox import OUTBOX
from messaging.dispatch.settle import Settled
from messaging.providers import Answer, Outcome, Parcel
from messaging.senders import pace
from textengage.lib import live

log = logging.getLogger(__name__)
T = TypeVar("T")

IN_FLIGHT: Final = 500
"""Texts claimed and not settled, in one pump."""
LOT: Final = 200
"""Texts claimed in one transaction."""
START_WITHIN: Final = wire.START_WITHIN.total_seconds()
"""Seconds after the claim, by a clock that counts suspension."""
SETTLE_EVERY: Final = 0.05
SETTLE_AT: Final = 200
IDLE: Final = 1.0
AHEAD: Final = 4
"""Of what an account may have in flight, this part more stands ready at the socket."""
TOO_MANY: Final = 429
"""The HTTP status by which a provider asks us to slow down."""
CLAIMING: Final = ("claim", "replies")
"""The loops that something new in the outbox wakes."""
SWEEP_EVERY: Final = 5.0
"""Seconds."""


def elapsed() -> float:
    """Seconds by a clock that goes on while the machine sleeps, where there is one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Pump:
    """Start it, stop it. Each of ``intake`` runs whenever something came in, side by side,
    so that a STOP never waits for receipts; ``chores`` run at times.

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
        self.urgent = ThreadPoolExecutor(1, "pump-urgent")
        self.wire = ThreadPoolExecutor(1, "pump-wire")
        self.answers = ThreadPoolExecutor(1, "pump-answers")
        self.inboxes = [
            ThreadPoolExecutor(1, f"pump-intake-{number}") for number in range(len(intake))
        ]
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
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)

    @property
    def _pools(self) -> Sequence[ThreadPoolExecutor]:
        claiming, sending = (self.database, self.urgent), (self.wire, self.answers)
        return (*claiming, *sending, *self.inboxes, self.slow)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._main())

    async def _main(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        takers = {f"intake {number}": step for number, step in enumerate(self.intake)}
        self.hears = {OUTBOX: CLAIMING, "inbound": tuple(takers)}
        self.wake = {loop: asyncio.Event() for loops in self.hears.values() for loop in loops}
        self.startable = asyncio.Event()
        self.lines = Lines()
        self.waiting: dict[UUID, Lineup] = defaultdict(Lineup)
        self.lateness = Lateness()
        self.marked: dict[UUID, deque[tuple[float, Claimed]]] = defaultdict(deque)
        self.flying: dict[UUID, int] = defaultdict(int)
        self.settled: list[Settled] = []
        self.sends: set[asyncio.Task[None]] = set()
        self.unsettled = 0
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "claim": self._claim,
            "replies": self._claim_replies,
            "start": self._start,
            "listen": self._listen,
            "sweep": self._sweep,
            "reconcile": self._reconcile,
            "chores": self._do_chores,
        }
        for (name, step), pool in zip(takers.items(), self.inboxes, strict=True):
            steps[name] = partial(self._take_in, name, pool, step)
        background = [
            asyncio.create_task(self._forever(step, name)) for name, step in steps.items()
        ]
        settling = asyncio.create_task(self._forever(self._settle, "settle"))
        self.ready.set()
        await self.stopping.wait()
        await self._end(background, settling)

    async def _end(
        self, background: list[asyncio.Task[None]], settling: asyncio.Task[None]
    ) -> None:
        claiming, replying, starting, *others = background
        for task in others:
            task.cancel()
        # Not canceled: what was just claimed is given back, what was just marked is sent.
        for loop in CLAIMING:
            self.wake[loop].set()
        self.startable.set()
        await asyncio.wait({claiming, replying, starting}, timeout=5)
        await asyncio.gather(*background, return_exceptions=True)
        kept = [each.message_id for lineup in self.waiting.values() for each in lineup]
        with contextlib.suppress(Exception):
            await self._in(self.database, sweeps.give_back, kept)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(31):
                while self.sends:
                    await asyncio.wait(self.sends, return_when=asyncio.FIRST_COMPLETED)
        # First one settler ends, then the other settles: they would drop each other's answers.
        settling.cancel()
        await asyncio.gather(settling, return_exceptions=True)
        with contextlib.suppress(Exception):
            while self.settled:
                await self._settle()
        await self.lines.close()
        closing = (asyncio.wait_for(self._in(pool, sessions.hang_up), 2) for pool in self._pools)
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
            for channel in self.hears:
                await listener.execute(f"LISTEN {channel}")
            for event in self.wake.values():
                event.set()
            async for notice in listener.notifies():
                for loop in self.hears[notice.channel]:
                    self.wake[loop].set()

    async def _claim(self) -> None:
        """Claim what there is room for, in lots large enough to be worth a transaction."""
        room = self.capacity - self.unsettled
        if room < self.capacity // 4:
            await self._rest("claim", SETTLE_EVERY)
            return
        await self._claim_lot("claim", self.database, min(room, LOT), picking.EVERY_KIND)

    async def _claim_replies(self) -> None:
        """Claim replies beside the bulk: somebody is waiting for an answer."""
        room = self.capacity + LOT - self.unsettled
        if room <= 0:
            await self._rest("replies", SETTLE_EVERY)
            return
        await self._claim_lot("replies", self.urgent, min(room, LOT), (Message.REPLY,))

    async def _claim_lot(
        self, loop: str, pool: ThreadPoolExecutor, limit: int, kinds: Sequence[int]
    ) -> None:
        # An account that has as much waiting as it can send at once leaves room for others.
        full = self.lines.full(self.waiting)
        claimed = await self._in(pool, claim.claim, limit, full, kinds)
        if claimed:
            await self.lines.know({each.account_id for each in claimed}, self._in_database)
        now = elapsed()
        for each in claimed:
            self.waiting[each.account_id].add(now, each)
        self.unsettled += len(claimed)
        self.startable.set()
        if len(claimed) < limit:
            # Senders that may not send yet are waited for; anything new wakes at once.
            await self._rest(loop, await self._in(pool, pace.rest))

    async def _start(self) -> None:
        """Mark as sending what the accounts have room for, and send that."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.startable.wait(), IDLE)
        self.startable.clear()
        now = elapsed()
        going: list[tuple[float, Claimed]] = []
        for account_id, lineup in self.waiting.items():
            # Too old to start, also where an account has no room or no credentials: the
            # sweep gives them back to the queue, and they take up no room here.
            self.unsettled -= lineup.drop_older_than(now - START_WITHIN)
            size = self.lines.room(account_id).size
            # A few more than fit: they go the moment another is answered.
            under_way = self.flying[account_id] + len(self.marked[account_id])
            free = size + size // AHEAD - under_way
            going += [lineup.pop() for _ in range(min(free, len(lineup)))]
        if not going:
            return
        try:
            if late := self.lateness.excess(now, going):
                await self._in(self.wire, pace.delay, late)
            ids = [each.attempt_id for _, each in going]
            allowed = await self._in(self.wire, wire.start, ids)
        except BaseException:
            self.unsettled -= len(going)
            raise
        for claimed_at, each in going:
            if each.attempt_id in allowed:
                self.marked[each.account_id].append((claimed_at, each))
            else:
                self.unsettled -= 1
        for account_id in {each.account_id for _, each in going}:
            self._launch(account_id)

    def _launch(self, account_id: UUID) -> None:
        """Send what is marked as sending, as much as the account takes at once."""
        marked = self.marked[account_id]
        # In silence one at a time: these are marked, so they end here and nowhere else.
        size = max(self.lines.room(account_id).size, 1)
        while marked and self.flying[account_id] < size:
            self.flying[account_id] += 1
            task = asyncio.create_task(self._send(*marked.popleft()))
            self.sends.add(task)
            task.add_done_callback(self.sends.discard)

    async def _send(self, claimed_at: float, each: Claimed) -> None:
        answer = await self._answer(claimed_at, each)
        self.flying[each.account_id] -= 1
        self.settled.append(Settled(each.message_id, each.attempt_id, answer))
        room = self.lines.room(each.account_id)
        if answer.http_status == TOO_MANY:
            room.refused(answer.retry_after)
        elif answer.outcome is Outcome.ACCEPTED:
            room.accepted()
        self._launch(each.account_id)
        if self.waiting[each.account_id]:
            self.startable.set()

    async def _answer(self, claimed_at: float, each: Claimed) -> Answer:
        if elapsed() - claimed_at > START_WITHIN:
            # The worker was suspended: others may have taken this text over meanwhile.
            return Answer(Outcome.NOT_SENT, error_code="unreachable", retry_after=0)
        try:
            return await self.lines.of(each.account_id).send(_parcel(each))
        except Exception:
            log.exception("a line broke its promise not to raise")
            return Answer(Outcome.UNCERTAIN)

    async def _settle(self) -> None:
        """Write what was answered, every 50 ms or 200 answers; keep it until written."""
        batch = self.settled[:SETTLE_AT]
        if not batch:
            await asyncio.sleep(SETTLE_EVERY)
            return
        try:
            await self._in(self.answers, settle.settle, batch)
        except (DataError, IntegrityError):
            await self._settle_one_by_one(batch)
        del self.settled[: len(batch)]
        self.unsettled -= len(batch)
        for loop in CLAIMING:
            self.wake[loop].set()
        if len(self.settled) < SETTLE_AT:
            await asyncio.sleep(SETTLE_EVERY)

    async def _settle_one_by_one(self, batch: Sequence[Settled]) -> None:
        """An answer that cannot be written must not cost the others theirs."""
        for each in batch:
            try:
                await self._in(self.answers, settle.settle, [each])
            except (DataError, IntegrityError):
                # The sweep puts the text in doubt, and the reconciler asks about it.
                log.exception("the answer to attempt %s cannot be written", each.attempt_id)

    async def _take_in(self, loop: str, pool: ThreadPoolExecutor, step: Callable[[], int]) -> None:
        if not await self._in(pool, step):
            await self._rest(loop, IDLE)

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

    async def _rest(self, loop: str, seconds: float) -> None:
        event = self.wake[loop]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)
        event.clear()

    def _in_database(self, work: Callable[..., T], *arguments: Any) -> Coroutine[Any, Any, T]:
        return self._in(self.database, work, *arguments)

    async def _in(self, pool: ThreadPoolExecutor, work: Callable[..., T], *arguments: Any) -> T:
        assert self.loop is not None
        return await self.loop.run_in_executor(pool, sessions.work_in, work, arguments)


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
