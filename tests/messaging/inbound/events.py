"""Texts from outside, stored as the hooks store them and taken in as the pump does."""

from messaging.conversations.models import Message
from messaging.inbound import intake
from messaging.inbound.models import InboundEvent
from textengage.cast import Company
from textengage.lib.ids import new_id

DANA = "+15105550142"
STRANGER = "+15105550177"


def event(company: Company, body: str = "Hello", *, sender: str = DANA, **of: str) -> InboundEvent:
    """One event that waits. ``of`` are more of the provider's own parameters."""
    sid = f"SM{new_id().hex}"
    form = {"MessageSid": sid, "From": sender, "To": company.sender.address, "Body": body} | of
    return InboundEvent.objects.create(
        customer=company.customer, account=company.account, event_key=sid, body=form
    )


def arrive(company: Company, body: str = "Hello", *, sender: str = DANA, **of: str) -> Message:
    """The text that an event became."""
    stored = event(company, body, sender=sender, **of)
    intake.take_in()
    stored.refresh_from_db()
    assert stored.message is not None, stored.error
    return stored.message


def answers() -> list[Message]:
    """The confirmations we wrote, oldest first."""
    return list(Message.objects.filter(direction="out", kind="compliance").order_by("created_at"))
