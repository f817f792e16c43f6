"""What was asked for on the command line."""

from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

SIZES: Final = {"stop-race": (10_000, 300.0), "campaign": (20_000, 100.0), "memory": (200_000, 0.0)}
"""Of each proof: texts, and the seconds over which its numbers' pace spreads them."""


@dataclass(frozen=True, slots=True)
class Options:
    name: str
    texts: int
    seconds: float
    seed: int

    def words(self) -> list[str]:
        """The same as words of a command line."""
        size = [f"--texts={self.texts}", f"--seconds={self.seconds}"]
        return [self.name, *size, f"--seed={self.seed}"]


def parse(words: Sequence[str]) -> Options:
    parser = ArgumentParser(prog="python -m tests.storm.proofs")
    add = parser.add_argument
    add("name", choices=sorted(SIZES))
    add("--texts", type=int, metavar="N", help="other than the proof's full size")
    add("--seconds", type=float, metavar="S", help="for so long the numbers' pace spreads them")
    add("--seed", type=int, default=1, metavar="S")
    add("--json", action="store_true", help="end with one line of JSON (it always does)")
    given = parser.parse_args(words)
    texts, seconds = SIZES[given.name]
    asked = given.texts or texts
    return Options(
        given.name,
        asked,
        # A smaller run goes at the same pace, but is not over before anything can happen.
        given.seconds or (max(seconds * asked / texts, min(seconds, 12.0))),
        given.seed,
    )
