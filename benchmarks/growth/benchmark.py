"""`manage.py bench growth`: does the hundred-thousandth row cost what the first one did?"""

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks._benchmark import Benchmark, Metric, Result, Say
from benchmarks.growth.constants import SHOWN
from benchmarks.growth.side import Side, side_of

FEW: Final = 10_000
"""Old texts on the small side."""
SHORT, LONG = 1_000, 20_000
"""Texts in the queue."""
MEASURED: Final = (1_000, 3_000)
"""Of the long queue, the texts after the first until the last."""
FLAT: Final = 0.91
"""A cost may rise by a tenth."""

Round = dict[str, tuple[float, float]]
"""By what was measured: its cost among few and among many, in milliseconds of CPU."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """``many`` old texts; so many ``pages`` are drawn per measurement."""

    rounds: int
    many: int
    pages: int


QUICK, WHOLE = Sizes(3, 200_000, 8), Sizes(7, 1_000_000, 40)


class Growth(Benchmark):
    code = "growth"
    title = "CPU of a text and of a page among many rows, beside the same among few"

    def run(self, options: Namespace, say: Say) -> Result:
        sizes = QUICK if options.quick else WHOLE
        rounds: list[Round] = []
        with side_of(FEW) as small, side_of(sizes.many) as large:
            for side in (small, large):
                side.send(100)
                for place in range(len(SHOWN)):
                    side.draw(place, 2)
            for number in range(1, sizes.rounds + 1):
                rounds.append(_round(small, large, sizes))
                say(f"round {number}: " + "   ".join(map(_told, rounds[-1].items())))
        as_json = [
            {name: {"few": round(few, 3), "many": round(many, 3)} for name, (few, many) in done}
            for done in (each.items() for each in rounds)
        ]
        return Result(self.code, [_metric(rounds, name) for name in rounds[0]], as_json)


GROWTH = Growth()


def _round(few: Side, many: Side, sizes: Sizes) -> Round:
    among_few, among_many = few.send(SHORT), many.send(SHORT)
    done = {
        f"text, {few.size:,} to {many.size:,} old": (among_few, among_many),
        f"text, {SHORT:,} to {LONG:,} queued": (among_many, many.send_some(LONG, *MEASURED)),
    }
    for place, shown in enumerate(SHOWN):
        # In turns, so that whatever else the machine does falls on both sides.
        drawn = [(few.draw(place, 2), many.draw(place, 2)) for _ in range(sizes.pages // 2)]
        done[f"page {shown.title}"] = median(a for a, _ in drawn), median(b for _, b in drawn)
    return done


def _told(measured: tuple[str, tuple[float, float]]) -> str:
    name, (few, many) = measured
    return f"{name} {few:.2f}, {many:.2f} ms"


def _metric(rounds: Sequence[Round], name: str) -> Metric:
    small, big = (median(done[name][place] for done in rounds) for place in (0, 1))
    return Metric(name, "ms", big, small, small / big, FLAT, 1)
