"""The same schedule twice has the same identifiers, so that it takes the same way."""

import itertools
import types
from typing import Any
from uuid import UUID

from textengage.lib import ids

NUMBERS = itertools.count(1)


def make_ids_repeat() -> None:
    """Let `new_id` count in this process, for whoever has imported it already."""
    ids.__dict__["UUID"] = UUID
    begin_again()
    original: Any = ids.new_id
    assert isinstance(original, types.FunctionType)
    original.__code__ = _counted.__code__
    original.__defaults__ = original.__kwdefaults__ = None


def begin_again() -> None:
    """Called before every schedule."""
    ids.__dict__["NUMBERS"] = itertools.count(1)


def _counted() -> UUID:
    # Of version 7 as the real ones: later ones are mostly larger, neighbors in any order.
    number = next(NUMBERS)
    mixed = number * 0x9E3779B97F4A7C15 & (1 << 62) - 1
    return UUID(int=(number // 8) << 80 | 7 << 76 | 2 << 62 | mixed)
