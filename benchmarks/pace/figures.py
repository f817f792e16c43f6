"""From the carrier's log to the goals it is held against."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from benchmarks._benchmark import Metric
from benchmarks._carrier import Accepted
from benchmarks._figures import percentile
from benchmarks.pace.numbers import allowance_of, number_of
from benchmarks.pace.windows import shares

STARTING: Final = 1.0
"""Seconds at the beginning for which nobody is blamed for sending too little."""

ROUNDING: Final = 1e-9
"""What sums of floats may be off."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Over all numbers and windows, as shares of what was allowed."""

    texts: int
    lowest: float
    one_in_a_hundred: float
    """A hundredth of the windows are below it."""
    usual: float
    highest: float
    too_fast: int
    """Numbers with a window above 1."""

    def as_json(self) -> dict[str, Any]:
        return {
            "texts": self.texts,
            "lowest": round(self.lowest, 4),
            "one_in_a_hundred": round(self.one_in_a_hundred, 4),
            "median": round(self.usual, 4),
            "highest": round(self.highest, 4),
            "numbers_too_fast": self.too_fast,
        }


def measure(texts: Sequence[Accepted], numbers: int, ended: float) -> Measured:
    """Of so many numbers; ``ended`` is the instant after which nothing counts."""
    of: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for text in texts:
        of[text.sender].append((text.at, text.segments))
    began = min(text.at for text in texts)
    found = [
        shares(of[number_of(i)], allowance_of(i), began, began + STARTING, ended)
        for i in range(numbers)
    ]
    usual = [share for each in found for share in each.usual]
    return Measured(
        texts=len(texts),
        lowest=min(each.lowest for each in found),
        one_in_a_hundred=percentile(usual, 0.01),
        usual=median(usual),
        highest=max(each.highest for each in found),
        too_fast=sum(each.highest > 1 + ROUNDING for each in found),
    )


def told(each: Measured) -> str:
    """One line for people."""
    return (
        f"{each.lowest:.3f} to {each.highest:.3f}, median {each.usual:.3f},"
        f" {each.too_fast} numbers too fast"
    )


def metrics(rounds: Sequence[dict[str, Measured]]) -> list[Metric]:
    """Of the worst round, as every window counts."""

    def worst(side: str, figure: Callable[[Measured], float], choose: Any = min) -> float:
        return float(choose(figure(done[side]) for done in rounds))

    low, low_too = (worst(side, lambda each: each.lowest) for side in ("ours", "baseline"))
    rare, rare_too = (
        worst(side, lambda each: each.one_in_a_hundred) for side in ("ours", "baseline")
    )
    high, high_too = (worst(side, lambda each: each.highest, max) for side in ("ours", "baseline"))
    return [
        Metric("lowest window, sent of allowed", "share", low, low_too, low, 0.95, 0.97),
        Metric("a hundredth of windows below", "share", rare, rare_too, rare, 0.95, 0.97),
        Metric("highest window", "share", high, high_too, 0 if high > 1 + ROUNDING else 1, 1, 1),
    ]
