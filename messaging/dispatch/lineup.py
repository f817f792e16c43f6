"""Claimed texts that wait for their account's socket, and how late they get there."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from messaging.conversations.models import Message
from messaging.dispatch.claim import Claimed

TOLERATED: Final = 0.15
"""Seconds. A sender's pace keeps back more than that in every ten."""


@dataclass(slots=True)
class Lineup:
    """One account's claimed texts with the instant of their claim: replies before bulk."""

    replies: deque[tuple[float, Claimed]] = field(default_factory=deque)
    bulk: deque[tuple[float, Claimed]] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self.replies) + len(self.bulk)

    def __iter__(self) -> Iterator[Claimed]:
        return (each for queue in (self.replies, self.bulk) for _, each in queue)

    def add(self, claimed_at: float, each: Claimed) -> None:
        """At the end of its kind."""
        queue = self.replies if each.priority == Message.REPLY else self.bulk
        queue.append((claimed_at, each))

    def drop_older_than(self, instant: float) -> int:
        """Forget what was claimed before the instant; returns how many."""
        before = len(self)
        for queue in (self.replies, self.bulk):
            while queue and queue[0][0] < instant:
                queue.popleft()
        return before - len(self)

    def pop(self) -> tuple[float, Claimed]:
        """The next to go. Raises IndexError."""
        return (self.replies or self.bulk).popleft()


class Lateness:
    """How much later than usual texts reach the wire after their claim.

    The pace is kept when claiming. A text that is held up on its way and followed by one that
    is not would come too close to it, so its sender has to wait for the difference.
    """

    def __init__(self) -> None:
        self._least = self._least_before = 0.0
        self._since = 0.0

    def excess(self, now: float, going: list[tuple[float, Claimed]]) -> dict[UUID, float]:
        """Seconds by which the senders of these texts should wait longer."""
        if now - self._since > 1.0:
            self._least_before, self._least, self._since = self._least, float("inf"), now
        lags = [(each.sender_id, now - claimed_at) for claimed_at, each in going]
        self._least = min(self._least, *(lag for _, lag in lags))
        usual = min(self._least, self._least_before) + TOLERATED
        late = sorted((lag - usual, sender_id) for sender_id, lag in lags if lag > usual)
        return {sender_id: excess for excess, sender_id in late}
