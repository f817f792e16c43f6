"""From rounds to the goals they are held against (PERFORMANCE goals 1 to 4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks._benchmark import Metric
from benchmarks.dispatch.run import Measured

Round = dict[str, Measured]
Beside = dict[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Each side's median round, and the most memory it ever held."""

    rounds: Sequence[Round]

    def at_once(self, crowd_megabytes: float) -> tuple[list[Metric], Beside]:
        """Without latency; memory is held against the baseline with eight processes."""
        fast, slow = self.speed("ours"), self.speed("baseline")
        small, big = self.cpu("ours"), self.cpu("baseline")
        metrics = [
            Metric("throughput", "texts/s", fast, slow, fast / slow, 30, 40),
            Metric("CPU per text", "ms", small, big, big / small, 40, 50),
            self._memory(crowd_megabytes),
        ]
        return metrics, {"tuned": [self.speed("tuned"), self.cpu("tuned"), self.memory("tuned")]}

    def over_latency(self, possible: float) -> tuple[list[Metric], Beside]:
        """The first metric is held against what so many requests in flight could do at best."""
        fast, slow, tuned = (self.speed(side) for side in ("ours", "baseline", "tuned"))
        share = fast / possible
        metrics = [
            Metric("share of in flight / latency", "texts/s", fast, possible, share, 0.85, 0.88),
            Metric("throughput, beside 8 processes", "texts/s", fast, slow, fast / slow, 30, 40),
            self._memory(self.memory("baseline")),
        ]
        return metrics, {"tuned": [tuned, tuned, self.memory("tuned")]}

    def speed(self, side: str) -> float:
        return self._middle(side, lambda each: each.per_second)

    def cpu(self, side: str) -> float:
        return self._middle(side, lambda each: each.cpu_ms)

    def memory(self, side: str) -> float:
        return max(done[side].megabytes for done in self.rounds)

    def _memory(self, crowd: float) -> Metric:
        held = self.memory("ours")
        return Metric("memory, beside 8 processes", "MB", held, crowd, crowd / held, 3, 6)

    def _middle(self, side: str, figure: Callable[[Measured], float]) -> float:
        return median(figure(done[side]) for done in self.rounds)
