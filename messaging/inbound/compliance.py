"""Obeying STOP, START and HELP at once, with one confirmation each."""

from datetime import timedelta
from typing import Final

from accounts.models import Customer
from credits import windows
from messaging.candidates.models import OptOut
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import outbox, stopping
from messaging.dispatch.outbox import Draft
from messaging.inbound import keywords

STOPPED: Final = "You will get no more texts from {company}. Reply START to get them again."
STARTED: Final = "You will get texts from {company} again. Reply STOP to stop, HELP for help."
HELP: Final = "{company} recruiting. Reply STOP to get no more texts. Ask us anything by text."
HELPED_FOR: Final = timedelta(hours=24)
"""Two machines that ask each other for help would never stop (RELIABILITY 2.2 rule 15)."""


def obey(order: str, message: Message, thread: Conversation, *, already_answered: bool) -> None:
    """Do what the word says. ``already_answered``: the provider sent the confirmation."""
    customer = thread.customer
    if order == "stop":
        given = stopping.stop(
            message.candidate, source="inbound", word=message.body or "", message_id=message.id
        )
        if given and not already_answered:
            _confirm(message, thread, customer.optout_text or STOPPED, given)
    elif order == "start":
        assert message.address_id is not None
        lifted = stopping.resume(
            message.candidate, from_address_id=message.address_id, message_id=message.id
        )
        if lifted and not already_answered:
            _confirm(message, thread, customer.optin_text or STARTED, None)
    elif not already_answered and not _helped_lately(message, thread):
        _confirm(message, thread, customer.help_text or HELP, None)


def _helped_lately(message: Message, thread: Conversation) -> bool:
    """Whether an earlier HELP was answered. Two of them at once take turns."""
    windows.lock([(message.customer_id, message.candidate.contact_key)])
    orders = thread.messages.filter(
        direction=Message.IN,
        kind=Message.COMPLIANCE,
        created_at__gt=message.created_at - HELPED_FOR,
    )
    earlier = orders.exclude(id=message.id).order_by("-created_at").values_list("body", flat=True)
    return any(keywords.order_in(body or "") == "help" for body in earlier.iterator(100))


def _confirm(message: Message, thread: Conversation, text: str, optout: OptOut | None) -> None:
    """One free text from the number that got the word; it never charges, nothing blocks it."""
    customer: Customer = thread.customer
    outbox.queue(
        [
            Draft(
                conversation=thread,
                body=text.replace("{company}", customer.name),
                channel=message.channel,
                kind=Message.COMPLIANCE,
                sender=message.sender,
                optout=optout,
            )
        ],
        by=None,
    )
