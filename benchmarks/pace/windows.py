"""How much of its allowance a number used in every window of ten seconds. Pure arithmetic.

A text of n segments takes n / allowance seconds to send, from the instant the carrier took
it. Of a window, that share is used which such times cover, those that lie on one another
counted each: 1 is the allowance to the segment, above 1 is faster than allowed. Counting
whole texts instead would make a number with one segment a second 0.9 or 1.1 at every tremor.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

WINDOW: Final = 10.0
GRID: Final = 0.25
"""Seconds between the windows that percentiles are taken over."""

Text = tuple[float, int]
"""The instant the carrier took it, and its segments."""


@dataclass(frozen=True, slots=True)
class Shares:
    """``lowest`` and ``highest`` of all windows; ``usual`` of one every quarter second."""

    lowest: float
    highest: float
    usual: tuple[float, ...]


class Sent:
    """What one number had sent at any instant, in segments: a line of straight pieces."""

    def __init__(self, texts: Sequence[Text], allowance: float) -> None:
        """``allowance`` in segments per second."""
        turns = sorted(
            turn
            for at, segments in texts
            for turn in ((at, allowance), (at + segments / allowance, -allowance))
        )
        self.instants = [at for at, _ in turns]
        self.rates: list[float] = []
        self.sums: list[float] = [0.0] if turns else []
        rate = 0.0
        for (at, change), (after, _) in pairwise(turns):
            rate += change
            self.rates.append(rate)
            self.sums.append(self.sums[-1] + rate * (after - at))

    def by(self, instant: float) -> float:
        """Segments sent until an instant."""
        place = bisect_right(self.instants, instant) - 1
        if place < 0:
            return 0.0
        if place >= len(self.rates):
            return self.sums[-1]
        return self.sums[place] + self.rates[place] * (instant - self.instants[place])


def shares(
    texts: Sequence[Text], allowance: float, began: float, settled: float, ended: float
) -> Shares:
    """Of one number, over the windows between two instants.

    ``highest`` looks at all from ``began``; the others, what it may be blamed for not having
    sent, at those from ``settled``. Raises ValueError if the time holds no window.
    """
    if ended - settled < WINDOW:
        raise ValueError("shorter than a window")
    sent = Sent(texts, allowance)
    allowed = WINDOW * allowance

    def share(start: float) -> float:
        return (sent.by(start + WINDOW) - sent.by(start)) / allowed

    # Straight pieces have their extremes where one begins, at either end of a window.
    corners = [corner for at in sent.instants for corner in (at, at - WINDOW)]
    last = ended - WINDOW
    since = [start for start in (*corners, began, last) if began <= start <= last]
    blamed = [start for start in (*corners, settled, last) if settled <= start <= last]
    return Shares(
        min(map(share, blamed)), max(map(share, since)), tuple(map(share, _grid(settled, last)))
    )


def _grid(first: float, last: float) -> Iterator[float]:
    steps = int((last - first) / GRID)
    return (first + step * GRID for step in range(steps + 1))
