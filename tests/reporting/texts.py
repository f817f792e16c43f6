"""Builders of texts as a report finds them."""

import uuid
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import Customer, User
from accounts.viewer import Viewer
from messaging.models import Address, Candidate, Conversation, Message, Sender
from reporting.timeframes import Timeframe

NEW_YORK = ZoneInfo("America/New_York")
MARCH = Timeframe(datetime(2025, 3, 1, 5, tzinfo=UTC), datetime(2025, 4, 1, 4, tzinfo=UTC))
"""March 2025 as New York counts it."""
IN_MARCH = "?timeframe=custom&first=2025-03-01&last=2025-03-31"

_numbers = count(1000)


def viewer(user: User) -> Viewer:
    assert user.customer is not None
    return Viewer(user, user.customer)


def candidate(of: Customer, first_name: str = "Dana", last_name: str = "Kim", **fields: Any) -> Any:
    found = Candidate.objects.create(
        customer=of, first_name=first_name, last_name=last_name, **fields
    )
    number = f"+1510555{next(_numbers):04}"
    Address.objects.create(
        customer=of, candidate=found, channel="sms", address=number, address_key=b"", region="US"
    )
    return found


def text(to: Any, *, state: str = "delivered", at: datetime | None = None, **fields: Any) -> Any:
    """One text to a candidate, or from one if its state is received."""
    at = at or datetime(2025, 3, 10, 18, 30, tzinfo=UTC)
    thread, _ = Conversation.objects.get_or_create(customer=to.customer, candidate=to)
    facts = {
        "customer": to.customer,
        "candidate": to,
        "conversation": thread,
        "address": to.addresses.get(),
        "sender": Sender.objects.get(customer=to.customer),
        "direction": "in" if state == "received" else "out",
        "state": state,
        "segments": 1,
        "created_at": at,
        "decided_at": at,
        "accepted_at": at,
        # Another person each time, or the texts in flight would be too many for one.
        "contact_key": uuid.uuid4(),
    }
    return Message.objects.create(**(facts | fields))
