"""What must be true, in plain Python: written from the rules, never from the product's code."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

FREE_FOR: Final = timedelta(seconds=3_888_000)
"""45 days of 86,400 s: at exactly so much a text is free, a microsecond later it costs one."""
LEASE: Final = timedelta(seconds=60)
START_WITHIN: Final = timedelta(seconds=20)
ANSWER_WITHIN: Final = timedelta(seconds=30)
HORIZON: Final = timedelta(minutes=15)
LOOKUPS: Final = tuple(timedelta(seconds=each) for each in (30, 60, 120, 300, 900))

IN_FLIGHT: Final = frozenset(("claimed", "sending", "uncertain"))
LADDER: Final = ("accepted", "sent", "undelivered", "delivered", "read")
"""What receipts move a text up, never down."""
LEFT: Final = frozenset(LADDER)
COUNTED: Final = IN_FLIGHT | LEFT | {"unconfirmed"}
"""States of texts that start, or stay within, somebody's 45 days."""
WAITING: Final = frozenset(("held", "queued", "claimed"))
FINAL: Final = LEFT | {"failed", "refused", "canceled", "expired", "unconfirmed"}
REPORTED: Final = {
    "queued": "accepted", "sending": "accepted", "sent": "sent", "failed": "undelivered",
    "undelivered": "undelivered", "delivered": "delivered", "read": "read",
}  # fmt: skip


@dataclass(slots=True)
class Text:
    """One outbound text as last seen, and what is known of it beside the database."""

    id: UUID
    token: str
    person: int
    kind: str
    state: str
    created_at: datetime
    due_at: datetime
    expires_at: datetime
    changed_at: datetime
    decided_at: datetime | None
    wire_at: datetime | None
    sid: str | None
    is_retry: bool
    live_charges: int
    sender_id: UUID | None

    @property
    def is_compliance(self) -> bool:
        return self.kind == "compliance"


@dataclass(slots=True)
class Report:
    """One receipt that the carrier sent and the product stored."""

    sid: str
    word: str
    code: str
    attempt_id: UUID
    is_applied: bool = False


@dataclass(slots=True)
class Facts:
    """What the machine did to the world, as the product ought to know it."""

    granted: int = 0
    is_licensed: bool = True
    is_paused: bool = False
    stopped: set[int] = field(default_factory=set)
    unusable: set[int] = field(default_factory=set)
    confirmations: int = 0
    """Compliance texts that must exist."""

    def copied(self) -> "Facts":
        return replace(self, stopped=set(self.stopped), unusable=set(self.unusable))


def costs(texts: Iterable[Text]) -> set[UUID]:
    """Which texts have a contact deducted now, by the 45 days alone."""
    last: dict[int, datetime] = {}
    charged = set()
    standing = [each for each in texts if each.state in COUNTED and not each.is_compliance]
    for text in sorted(standing, key=lambda each: (_decided(each), each.id)):
        at = _decided(text)
        if text.person not in last or at - last[text.person] > FREE_FOR:
            charged.add(text.id)
        last[text.person] = at
    return charged


def _decided(text: Text) -> datetime:
    assert text.decided_at is not None, f"{text.state} without an instant"
    return text.decided_at


def best(state: str, words: Iterable[str]) -> str:
    """The state after receipts, from that of an accepted or doubtful text."""
    steps = [LADDER.index(REPORTED[word]) for word in words]
    if state in LADDER:
        steps.append(LADDER.index(state))
    return LADDER[max(steps)] if steps else state
