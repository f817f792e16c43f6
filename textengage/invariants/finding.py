"""What an invariant is, and what looking at it finds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

SHOWN: Final = 20
"""How many ids of violating rows a report carries."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How many rows were looked at, how many violate, and the ids of the first of them."""

    examined: int
    count: int
    ids: list[str]

    @classmethod
    def of(cls, examined: int, ids: list[str]) -> "Finding":
        return cls(examined, len(ids), ids[:SHOWN])


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that always holds. ``look`` is given the present and writes nothing."""

    code: str
    meaning: str
    look: Callable[[datetime], Finding]
