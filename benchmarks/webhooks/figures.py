"""From rounds to the goals they are held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks._benchmark import Metric


@dataclass(frozen=True, slots=True)
class Measured:
    """One side under one load."""

    answered: int
    seconds: float
    python_seconds: float
    postgres_seconds: float
    load_seconds: float
    """CPU of the load: near ``seconds`` it would be what is measured."""
    p50: float
    p99: float
    stored: int
    sent: int

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    @property
    def cpu_ms(self) -> float:
        return (self.python_seconds + self.postgres_seconds) * 1000 / max(self.answered, 1)

    def as_json(self) -> dict[str, Any]:
        return {
            "sent": self.sent,
            "answered": self.answered,
            "stored": self.stored,
            "per_second": round(self.per_second, 1),
            "cpu_ms": round(self.cpu_ms, 3),
            "python_ms": round(self.python_seconds * 1000 / max(self.answered, 1), 3),
            "postgres_ms": round(self.postgres_seconds * 1000 / max(self.answered, 1), 3),
            "load_cpu_share": round(self.load_seconds / self.seconds, 2),
            "p50_ms": round(self.p50, 1),
            "p99_ms": round(self.p99, 1),
        }


def medians(rounds: Sequence[dict[str, Measured]], side: str) -> tuple[float, float]:
    """Callbacks a second and CPU milliseconds for each."""
    return (
        median(done[side].per_second for done in rounds),
        median(done[side].cpu_ms for done in rounds),
    )


def metrics(rounds: Sequence[dict[str, Measured]], burst: Measured) -> list[Metric]:
    """The goals; a burst is whole only if every callback of it is stored."""
    fast, small = medians(rounds, "ours")
    slow, big = medians(rounds, "baseline")
    kept = burst.stored / burst.sent
    return [
        Metric("callbacks", "callbacks/s", fast, slow, fast / slow, 8, 40),
        Metric("CPU per callback", "ms", small, big, big / small, 8, 40),
        Metric("burst stored, of sent", "callbacks", burst.stored, burst.sent, kept, 1, 1),
    ]
