"""One measured round of one side: queue, begin, wait, read what it cost, check the truth."""

import time
from dataclasses import dataclass
from typing import Any

from benchmarks import _processes
from benchmarks._benchmark import BenchmarkFailed
from benchmarks._ground import Ground
from benchmarks.dispatch.carrier import Carrier
from benchmarks.dispatch.rows import Rows
from benchmarks.dispatch.sides import Side

PATIENCE = 60.0
"""Seconds for one round."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one side needed for so many texts."""

    texts: int
    seconds: float
    python_seconds: float
    """CPU of the worker and its children."""
    postgres_seconds: float
    """CPU of the whole database server, but for our own connection."""
    memory_bytes: int

    @property
    def per_second(self) -> float:
        return self.texts / self.seconds

    @property
    def cpu_ms(self) -> float:
        return (self.python_seconds + self.postgres_seconds) * 1000 / self.texts

    @property
    def megabytes(self) -> float:
        return self.memory_bytes / 1e6

    def as_json(self) -> dict[str, Any]:
        return {
            "texts": self.texts,
            "seconds": round(self.seconds, 3),
            "texts_per_second": round(self.per_second, 1),
            "cpu_ms_per_text": round(self.cpu_ms, 3),
            "python_ms_per_text": round(self.python_seconds * 1000 / self.texts, 3),
            "postgres_ms_per_text": round(self.postgres_seconds * 1000 / self.texts, 3),
            "memory_mb": round(self.megabytes, 1),
        }


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything a round needs but the side."""

    ground: Ground
    carrier: Carrier
    rows: Rows
    concurrency: int
    """Requests that the account may have in flight."""
    latency_ms: int

    def measure(self, side: Side, *, texts: int, label: str) -> Measured:
        """Send so many texts through one side. Raises BenchmarkFailed if any is not exact."""
        self.rows.empty(concurrency=self.concurrency)
        self.carrier.forget(latency_ms=self.latency_ms)
        side.wake()
        with self.rows.connection.transaction():
            side.prepare(self.rows.queue(label, texts))
            python, postgres = self._cpu(side)
            began = time.perf_counter()
        side.go()
        done = self.rows.wait_until_sent(seconds=PATIENCE)
        seconds = time.perf_counter() - began
        python_after, postgres_after = self._cpu(side)
        memory = _processes.memory_bytes(side.pid)
        side.rest(self.rows)
        if not done:
            raise BenchmarkFailed(f"{side.name} did not finish:\n{side.why()}")
        self.carrier.check(label, texts)
        self.rows.check(texts)
        return Measured(texts, seconds, python_after - python, postgres_after - postgres, memory)

    def _cpu(self, side: Side) -> tuple[float, float]:
        server, own = self.ground.server, self.rows.backend
        return (
            _processes.cpu_seconds(side.pid),
            _processes.cpu_seconds(server, without={own}),
        )
