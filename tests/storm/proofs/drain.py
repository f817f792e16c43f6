"""Watching a queue become empty, while something may be done to whoever empties it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.storm.place import Place
from tests.storm.proofs.findings import ProofFailed

PATIENCE: Final = 90.0
"""Seconds for which nothing may leave; longer than a lease."""

PROGRESS = """
SELECT count(*) FILTER (WHERE state = 'queued'), count(*),
    coalesce(extract(epoch FROM min(due_at) FILTER (WHERE state = 'queued')
        - (SELECT min(due_at) FROM messaging_message WHERE kind = %s)) * 1e6, 0)::float8
FROM messaging_message WHERE kind = %s AND state IN ('queued', 'claimed', 'sending', 'uncertain')
"""


@dataclass(frozen=True, slots=True)
class Progress:
    """``queued`` and ``open`` texts; ``first``: the place of the first that is queued."""

    queued: int
    open: int
    first: int


def look(place: Place, kind: str) -> Progress:
    ((queued, unfinished, first),) = place.rows.ask(PROGRESS, kind, kind)
    return Progress(queued, unfinished, round(first))


def watch(
    place: Place,
    kind: str,
    each: Callable[[Progress], bool],
    *,
    every: float = 0.05,
    until_answered: bool = False,
) -> float:
    """Call ``each`` until nothing is queued and it says that it is through; how long it took.

    Raises ProofFailed when nothing leaves for too long.
    """
    began = moved = time.monotonic()
    before: Progress | None = None
    while True:
        place.processes.keep_alive()
        now = look(place, kind)
        through = each(now)
        if now != before:
            before, moved = now, time.monotonic()
        if through and not now.queued and not (until_answered and now.open):
            return time.monotonic() - began
        if time.monotonic() - moved > PATIENCE:
            raise ProofFailed(f"nothing left for {PATIENCE:.0f} s: {now}")
        time.sleep(every)
