"""Whether a row of measurements is flat. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression, mean
from typing import Final

MOST: Final = 0.02
"""Of the level: a steeper line is no longer flat."""


@dataclass(frozen=True, slots=True)
class Level:
    """A line through what follows the first quarter, which is still warming up.

    ``rise``: of the level, over all of the run.
    """

    level: float
    rise: float

    @property
    def is_flat(self) -> bool:
        return self.rise < MOST


def level_of(samples: Sequence[float]) -> Level:
    """Raises ValueError for fewer than four samples."""
    if len(samples) < 4:
        raise ValueError("a line needs more samples")
    rest = samples[len(samples) // 4 :]
    line = linear_regression(range(len(rest)), rest)
    return Level(mean(rest), line.slope * (len(samples) - 1) / mean(rest))
