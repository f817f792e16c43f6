"""The 45-day rule, as pure functions of instants (PRODUCT section 3, RULES 4.10).

One contact is deducted when a person is texted for the first time, or for the first time
in more than 45 days, counted as 45 x 86,400 s since the last outbound text to that person
on any channel. A gap of exactly 45 days is free; one microsecond more is charged.
"""

from datetime import datetime, timedelta
from typing import Final

# Seconds, not calendar days: across a change of clocks "45 days" would be an hour off.
WINDOW: Final = timedelta(seconds=45 * 86_400)


def is_due(last_at: datetime | None, at: datetime) -> bool:
    """Whether a text handed to the wire ``at`` uses one monthly contact."""
    return last_at is None or at - last_at > WINDOW


def free_until(last_at: datetime) -> datetime:
    """The last instant at which another text to the person is free."""
    return last_at + WINDOW


def reason(last_at: datetime | None, at: datetime) -> str:
    """Why a contact was deducted, as the ledger says it."""
    if last_at is None:
        return "first message"
    return f"last message {(at - last_at).days} days ago"
