"""Obeying STOP, START and HELP at once, with one confirmation each."""

from datetime import timedelta
from typing import Final

from accounts.models import Customer
from credits import windows
from messaging.candidates import optout
from messaging.candidates.models import OptOut
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import outbox, stopping
from messaging.dispatch.outbox import Draft
from messaging.inbound import keywords
from textengage.lib import clock

STOPPED: Final = "You will get no more texts from {company}. Reply START to get them again."
STARTED: Final = "You will get texts from {company} again. Reply STOP to stop, HELP for help."
HELP: Final = "{company} recruiting. Reply STOP to get no more texts. Ask us anything by text."
HELPED_FOR: Final = timedelta(hours=24)
"""Two machines that ask each other for help would never stop (RELIABILITY 2.2 rule 15)."""


CONFIRMED_WITHIN: Final = timedelta(minutes=5)
"""A STOP that was found later than this acts in silence (RULES 4.4)."""


def obey(order: str, message: Message, thread: Conversation, *, already_answered: bool) -> None:
    """Do what the word says. ``already_answered``: the provider sent the confirmation."""
    customer = thread.customer
    if order in ("stop", "start") and _is_overtaken(order, message, thread):
        return
    if order == "stop":
        is_late = clock.now() - message.created_at > CONFIRMED_WITHIN
        given = stopping.stop(
            message.candidate, source="inbound", word=message.body or "", message_id=message.id
        )
        if given and not already_answered and not is_late:
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


def _is_overtaken(order: str, message: Message, thread: Conversation) -> bool:
    """Whether the person, or for START the staff, said otherwise after this text.

    Texts that came late and texts taken in side by side may be obeyed in another order than
    they were written in. The last word counts; of two in the same instant STOP does.
    """
    person = (message.customer_id, message.candidate.contact_key)
    windows.ensure([person])
    windows.lock([person])
    inbound = thread.messages.filter(direction=Message.IN).exclude(id=message.id)
    if order == "stop":
        later = inbound.filter(created_at__gt=message.created_at)
        return any(keywords.order_in(each.body or "") == "start" for each in later)
    since = inbound.filter(created_at__gte=message.created_at)
    return any(_is_stop(each) for each in since) or _was_stopped_after(message)


def _was_stopped_after(message: Message) -> bool:
    """By somebody else than the person: staff, or the carrier's refusal."""
    keys = message.candidate.addresses.values_list("address_key", flat=True)
    held = optout.in_force((message.customer_id, bytes(key)) for key in keys)
    ids = [each.optout_id for found in held.values() for each in found]
    return OptOut.objects.filter(
        id__in=ids, message_id__isnull=True, effective_at__gt=message.created_at
    ).exists()


def _is_stop(text: Message) -> bool:
    """Also one that only the provider took for it."""
    order = keywords.order_in(text.body or "")
    return order == "stop" or (order is None and text.kind == Message.COMPLIANCE)


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


def _confirm(message: Message, thread: Conversation, text: str, given: OptOut | None) -> None:
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
                optout=given,
            )
        ],
        by=None,
    )
