"""What every benchmark gives: metrics with both sides, as a table and as JSON."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Say = Callable[[str], object]
"""Where the words for people go, one line at a time."""


class BenchmarkFailed(Exception):
    """Something was lost or doubled, or a side did not finish: there is no result."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One goal of the performance design. ``ratio`` is better the higher it is."""

    name: str
    unit: str
    ours: float
    baseline: float
    ratio: float
    floor: float
    stretch: float

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": round(self.ours, 3),
            "baseline": round(self.baseline, 3),
            "ratio": round(self.ratio, 2),
            "floor": self.floor,
            "stretch": self.stretch,
        }

    @property
    def standing(self) -> str:
        """Where the ratio stands between the goals."""
        if self.ratio >= self.stretch:
            return "stretch"
        return "floor" if self.ratio >= self.floor else "below"


@dataclass(frozen=True, slots=True)
class Result:
    """``beside`` holds other baselines' figures by their name, in the metrics' order."""

    benchmark: str
    metrics: Sequence[Metric]
    rounds: Sequence[dict[str, Any]]
    beside: Mapping[str, Sequence[float]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The top-level ratio is the first metric's."""
        metrics = [metric.as_json() for metric in self.metrics]
        return {
            "benchmark": self.benchmark,
            "ratio": metrics[0]["ratio"],
            "metrics": metrics,
            "rounds": list(self.rounds),
        }

    def table(self) -> list[str]:
        """Lines for people."""
        heads = ["ours", "baseline", *self.beside, "ratio", "floor", "stretch"]
        lines = [f"{'':40}" + "".join(f"{head:>12}" for head in heads)]
        for place, metric in enumerate(self.metrics):
            beside = [figures[place] for figures in self.beside.values()]
            figures = [metric.ours, metric.baseline, *beside]
            cells = "".join(f"{figure:>12,.2f}" for figure in figures)
            goals = f"{metric.ratio:>12.2f}{metric.floor:>12g}{metric.stretch:>12g}"
            lines.append(f"{metric.name + ', ' + metric.unit:40}{cells}{goals}  {metric.standing}")
        return lines


class Benchmark(ABC):
    """One instance of this in a package of this folder is one benchmark."""

    code: str
    title: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options of its own, beside --quick and --json."""
        del parser

    @abstractmethod
    def run(self, options: Namespace, say: Say) -> Result:
        """Measure. Raises BenchmarkFailed."""
