"""The load, a process of its own: `main` reads a plan per line, says `ready`, waits for `go`.

A plan with a ``rate`` is open: callbacks leave at their appointed instants, whatever has been
answered, and latency counts from there. Without, every connection sends its next callback as
soon as the last one was answered. Nothing but sockets happens between `go` and the answer.
"""

import asyncio
import json
import sys
import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import uvloop

from benchmarks._figures import percentile
from benchmarks.webhooks.requests import Callbacks

SUCCESS: Final = range(200, 300)
TICK: Final = 0.002
LAST_ANSWERS: Final = 20.0
"""Seconds to wait for what is still unanswered at the end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``count`` callbacks at most, for ``seconds`` at most; ``rate`` per second if open."""

    port: int
    public_url: str
    account_id: str
    label: str
    connections: int
    count: int
    seconds: float
    rate: float = 0.0

    def as_json(self) -> str:
        return json.dumps(asdict(self))


class Connection(asyncio.Protocol):
    """One kept-alive connection with at most one callback on its way."""

    def __init__(self, load: "Load") -> None:
        self.load = load
        self.index: int | None = None
        self.heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.load.free(self)

    def send(self, index: int) -> None:
        self.index, self.heard = index, b""
        self.transport.write(self.load.requests[index])

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if self.index is None or b"\r\n\r\n" not in self.heard:
            return
        status, index = int(self.heard[9:12]), self.index
        self.index = None
        self.load.answered(index, status)
        if status == 204:  # the only answer that certainly has no body
            self.load.free(self)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.index is not None:
            self.load.answered(self.index, 0)
        self.load.lost()


class Load:
    """One plan, carried out once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        callbacks = Callbacks(plan.public_url, plan.account_id, plan.label)
        self.requests = list(callbacks.bytes_of(plan.count))
        self.next = 0
        self.answers = 0
        self.began_at = [0.0] * plan.count
        self.latency = [0.0] * plan.count
        self.statuses: Counter[int] = Counter()
        self.failed: list[int] = []
        self.idle: deque[Connection] = deque()
        self.waiting: deque[int] = deque()
        self.is_going = self.is_over = False

    async def connect(self) -> None:
        for _ in range(self.plan.connections):
            await self._connect()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.plan.port)

    async def run(self) -> dict[str, Any]:
        cpu, began = time.process_time(), time.perf_counter()
        self.until = began + self.plan.seconds
        self.is_going = True
        if self.plan.rate:
            await self._appoint(began)
        else:
            while self.idle and self._may_begin():
                self._begin(self.idle.popleft())
            while self._may_begin():
                await asyncio.sleep(0.01)
        began_all = time.perf_counter()
        while self.answers < self.next and time.perf_counter() < began_all + LAST_ANSWERS:
            await asyncio.sleep(0.002)
        seconds = time.perf_counter() - began
        self.is_over = True
        return self._result(seconds, time.process_time() - cpu)

    async def _appoint(self, began: float) -> None:
        while self.next < self.plan.count:
            due = int((time.perf_counter() - began) * self.plan.rate)
            while self.next < min(due, self.plan.count):
                self.began_at[self.next] = began + self.next / self.plan.rate
                if self.idle:
                    self.idle.popleft().send(self.next)
                else:
                    self.waiting.append(self.next)
                self.next += 1
            await asyncio.sleep(TICK)

    def _may_begin(self) -> bool:
        return self.next < self.plan.count and time.perf_counter() < self.until

    def _begin(self, connection: Connection) -> None:
        index = self.next
        self.next += 1
        self.began_at[index] = time.perf_counter()
        connection.send(index)

    def free(self, connection: Connection) -> None:
        if self.waiting:
            connection.send(self.waiting.popleft())
        elif self.is_going and not self.plan.rate and self._may_begin():
            self._begin(connection)
        else:
            self.idle.append(connection)

    def answered(self, index: int, status: int) -> None:
        self.answers += 1
        self.latency[index] = time.perf_counter() - self.began_at[index]
        self.statuses[status] += 1
        if status not in SUCCESS:
            self.failed.append(index)

    def lost(self) -> None:
        if self.is_going and not self.is_over:
            self.task = asyncio.ensure_future(self._connect())

    def _result(self, seconds: float, cpu: float) -> dict[str, Any]:
        latency = [1000 * each for each in self.latency[: self.next] if each]
        return {
            "sent": self.next,
            "answered": self.answers,
            "failed": self.failed,
            "unanswered": [i for i in range(self.next) if not self.latency[i]],
            "statuses": dict(self.statuses),
            "seconds": seconds,
            "cpu_seconds": cpu,
            "p50": percentile(latency, 0.50),
            "p99": percentile(latency, 0.99),
        }


async def carry_out(plan: Plan) -> dict[str, Any]:
    load = Load(plan)
    await load.connect()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    result = await load.run()
    for connection in load.idle:
        connection.transport.abort()
    return result


def main(words: list[str]) -> None:
    del words
    for line in iter(sys.stdin.readline, ""):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            print(json.dumps(runner.run(carry_out(Plan(**json.loads(line))))), flush=True)
