"""After the storm: faults off, time passes, until every text is final or waits for a person."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from tests.storm.handset import in_flight
from tests.storm.place import Place

LEASE_OVER: Final = 65.0
HORIZON_OVER: Final = 905.0
PARKED: Final = 610.0
ROUNDS: Final = 12
PATIENCE: Final = 3.0
"""Seconds of this machine for which something that should move may rest."""

LOOK = """
SELECT count(*) FILTER (WHERE state = 'queued' AND due_at <= app_now() AND NOT EXISTS (
        SELECT 1 FROM messaging_message f WHERE f.candidate_id = m.candidate_id
          AND f.state IN ('claimed', 'sending', 'uncertain')
        UNION ALL SELECT 1 FROM messaging_message e WHERE e.candidate_id = m.candidate_id
          AND e.state = 'queued' AND e.due_at > app_now() AND e.created_at < m.created_at)),
    count(*) FILTER (WHERE state IN ('claimed', 'sending')),
    count(*) FILTER (WHERE state = 'uncertain'),
    count(*) FILTER (WHERE state = 'queued'),
    extract(epoch FROM min(due_at) FILTER (WHERE state = 'queued') - app_now()),
    (SELECT count(*) FROM messaging_receipt WHERE applied_at IS NULL AND NOT parked),
    (SELECT count(*) FROM messaging_inboundevent WHERE processed_at IS NULL AND NOT parked),
    (SELECT count(*) FROM messaging_message h WHERE h.state = 'held' AND h.due_at <= app_now()),
    count(*) FILTER (WHERE state IN ('accepted', 'sent', 'delivered', 'undelivered'))
FROM messaging_message m WHERE direction = 'out'
"""


@dataclass(frozen=True, slots=True)
class Look:
    """What is still moving, counted."""

    ready: int
    flying: int
    uncertain: int
    queued: int
    next_due: float | None
    receipts: int
    events: int
    released: int
    left: int
    at_carrier: int
    posted: int

    @property
    def is_busy(self) -> bool:
        """Whether a pump has something to do now, or the carrier has."""
        return bool(self.ready or self.receipts or self.events or self.released or self.at_carrier)

    @property
    def is_final(self) -> bool:
        return not (self.queued or self.flying or self.uncertain or self.receipts or self.events)


def look(place: Place) -> Look:
    (row,) = place.rows.ask(LOOK)
    counts = place.processes.carrier.counts()
    posted = counts.get("callbacks_posted", 0) + counts.get("callbacks_failed", 0)
    ready, flying, uncertain, queued, next_due, receipts, events, released, left = row
    return Look(
        ready=ready,
        flying=flying,
        uncertain=uncertain,
        queued=queued,
        next_due=None if next_due is None else float(next_due),
        receipts=receipts,
        events=events,
        released=released,
        left=left,
        at_carrier=in_flight(counts),
        posted=posted,
    )


def wait_until_still(
    place: Place, *, but: Callable[[Look], bool] = lambda look: False, patience: float = PATIENCE
) -> Look:
    """Until nothing moves but what only time can move; what moved for too long is left so.

    ``but`` says that something is still about to happen. Texts in flight may belong to a
    worker that is dead: nothing tells but that they rest.
    """
    seen, since = None, time.monotonic()
    while True:
        place.processes.keep_alive()
        now = look(place)
        if now != seen:
            # Only a due time that comes nearer is no movement.
            moved = seen is None or replace(now, next_due=None) != replace(seen, next_due=None)
            seen, since = now, time.monotonic() if moved else since
        rests = time.monotonic() - since
        if rests > (patience if now.is_busy or but(now) else 0.3 if now.flying else 0.06):
            return now
        time.sleep(0.015)


def settle(place: Place) -> Look:
    """Let time pass in steps, each after everything has come to rest."""
    wait_until_still(place)
    place.let_pass(LEASE_OVER)
    found = wait_until_still(place, but=lambda look: bool(look.flying))
    for _ in range(ROUNDS):
        if found.is_final:
            break
        found = _next_step(place, found)
    return found


def _next_step(place: Place, found: Look) -> Look:
    """Let as much time pass as what is left needs, and see it happen."""
    if found.flying:
        place.let_pass(LEASE_OVER)
        return wait_until_still(place, but=lambda look: bool(look.flying))
    if found.uncertain:
        place.let_pass(HORIZON_OVER)
        return wait_until_still(place, but=lambda look: bool(look.uncertain))
    if found.receipts or found.events:
        place.let_pass(PARKED)
        return wait_until_still(place)
    place.let_pass(max(1.0, found.next_due or 0.0) + 0.5)
    return wait_until_still(place, but=lambda look: look.queued == found.queued)
