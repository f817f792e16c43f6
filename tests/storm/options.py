"""What was asked for on the command line."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    schedules: int
    seed: int
    first: int
    interleavings: int
    json: bool

    def words(self) -> list[str]:
        """The same as words of a command line."""
        return [
            f"--schedules={self.schedules}",
            f"--seed={self.seed}",
            f"--from={self.first}",
            f"--interleavings={self.interleavings}",
            *(["--json"] if self.json else []),
        ]


def add_arguments(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--schedules", type=int, default=40, metavar="N", help="how many, over real processes")
    add("--seed", type=int, default=1, metavar="S", help="the same seed plans the same schedules")
    add("--from", type=int, default=1, dest="first", metavar="K", help="begin with the Kth")
    add("--interleavings", type=int, default=0, metavar="N", help="and so many inside one process")
    add("--json", action="store_true", help="end with one line of JSON (it always does)")


def parse(words: Sequence[str]) -> Options:
    parser = ArgumentParser(prog="python -m tests.storm")
    add_arguments(parser)
    return Options(**vars(parser.parse_args(words)))
