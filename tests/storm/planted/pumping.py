"""Bugs in the worker that only real processes show."""

from typing import Final

from tests.storm.planted.plant import Plant

PUMP: Final = "messaging/dispatch/pump.py"

PLANTS: Final = (
    Plant(
        "called_before_committed",
        "the text is on the wire before it is marked as sending",
        PUMP,
        "allowed = await self._in(self.wire, wire.start, ids)",
        "allowed = set(ids)",
        by="storm",
    ),
    Plant(
        "nobody_sweeps",
        "what a dead worker held is never looked at again",
        PUMP,
        "await self._in(self.database, sweeps.sweep)",
        "await asyncio.sleep(0)",
        by="storm",
    ),
    Plant(
        "list_not_read",
        "the carrier's list is asked for and not read",
        PUMP,
        "await self._in(self.database, reconcile.resolve, each, found)",
        "await self._in(self.database, reconcile.resolve, each, found[:0])",
        by="storm",
    ),
)
