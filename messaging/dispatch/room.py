"""How many requests one account may have in flight: as many as its carrier takes.

Additive up, halving down, as networks share a line: several workers, each with a room of its
own, come to shares that the carrier does not refuse.
"""

import time
from dataclasses import dataclass, field
from typing import Final

LEAST: Final = 1.0
ONE_REFUSAL: Final = 1.0
"""Seconds within which refusals count as one: what was in flight is refused together."""
LONGEST_SILENCE: Final = 10.0
"""Seconds. Texts claimed for the account wait so long; a longer Retry-After waits in the queue."""


@dataclass(slots=True)
class Room:
    """``most`` is what the account is allowed, from its row."""

    most: int
    allowed: float = field(default=0.0)
    silent_until: float = 0.0
    refused_at: float = -ONE_REFUSAL

    def __post_init__(self) -> None:
        self.allowed = float(self.most)

    @property
    def size(self) -> int:
        """Requests that may be in flight now; none while the carrier asked for silence."""
        return 0 if time.monotonic() < self.silent_until else int(self.allowed)

    def accepted(self) -> None:
        """One more after as many answers as are in flight."""
        self.allowed = min(self.most, self.allowed + 1 / self.allowed)

    def refused(self, retry_after: float | None) -> None:
        """The carrier answered 429, and may have said how many seconds to wait."""
        now = time.monotonic()
        if now - self.refused_at >= ONE_REFUSAL:
            self.allowed = max(LEAST, self.allowed / 2)
            self.refused_at = now
        self.silent_until = max(self.silent_until, now + min(retry_after or 0.0, LONGEST_SILENCE))

    def resize(self, most: int) -> None:
        """The account's row changed."""
        self.allowed = float(most) if most > self.most else min(self.allowed, float(most))
        self.most = most
