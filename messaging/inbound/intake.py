"""From a stored event to a text in a thread: one transaction each, the poisonous parked."""

import logging
from typing import Final

from django.db import transaction

from accounts.models import License, User
from messaging import providers
from messaging.candidates import consent, optout, roster
from messaging.candidates.consent import Evidence
from messaging.candidates.models import Address, Candidate
from messaging.channels import phone
from messaging.conversations import status, threads
from messaging.conversations.models import Message
from messaging.inbound import compliance, keywords
from messaging.inbound.models import InboundEvent
from messaging.providers import InboundText
from messaging.senders.models import Sender
from messaging.wording import segments
from textengage.lib import clock, sql
from textengage.lib.refusal import Refused
from textengage.lib.scoping import within

log = logging.getLogger(__name__)
BATCH: Final = 200
TRIES: Final = 5

OPEN = """
SELECT id FROM messaging_inboundevent
WHERE processed_at IS NULL AND NOT parked AND attempts <= %s ORDER BY id LIMIT %s
"""


class UnknownNumber(Exception):
    """The event names a number that the account does not have."""


def take_in() -> int:
    """Process what waits, oldest first; returns how many events were looked at."""
    ids = [row[0] for row in sql.rows(OPEN, TRIES, BATCH)]
    for id in ids:
        try:
            with transaction.atomic():
                _process(id)
        except Exception as error:
            log.exception("inbound event %s could not be processed", id)
            _note_failure(id, error)
    return len(ids)


def retry(event: InboundEvent) -> None:
    """Give a parked event another five tries."""
    InboundEvent.objects.filter(id=event.id).update(parked=False, attempts=0, error="")


def _process(id: int) -> None:
    event = (
        InboundEvent.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("account", "customer")
        .filter(id=id, processed_at__isnull=True)
        .first()
    )
    if event is None:
        return
    text = providers.get(event.account.provider).read_inbound(event.body)
    with within(event.customer):
        message = _store(event, text)
    event.message = message
    event.processed_at = clock.now()
    event.save(update_fields=["message", "processed_at"])


def _store(event: InboundEvent, text: InboundText) -> Message:
    sender = Sender.objects.filter(account=event.account, address=text.recipient).first()
    if sender is None:
        raise UnknownNumber("this number is not one of the account's")
    address = _address_of(event, sender, text)
    thread = threads.open_with(address.candidate, by=_owner_of(sender))
    order = _order_of(text, address.candidate)
    message = Message.objects.create(
        customer_id=event.customer_id,
        conversation=thread,
        candidate=address.candidate,
        address=address,
        direction=Message.IN,
        kind=Message.COMPLIANCE if order else Message.TYPED,
        channel=sender.channel,
        sender=sender,
        body=text.body,
        segments=segments.count(text.body).segments,
        state=status.RECEIVED,
        provider=event.account.provider,
        account=event.account,
        provider_sid=text.provider_sid,
        created_at=event.received_at,
    )
    _note_consent(message)
    if order:
        compliance.obey(order, message, thread, already_answered=bool(text.optout_type))
    threads.summarize([(message.customer_id, thread.id)])
    return message


def _order_of(text: InboundText, candidate: Candidate) -> str | None:
    """What the words order. A stop that the provider took for one is ours as well.

    Its START is not: only the words that lift an opt-out with us do so (RULES 4.4), and
    with nothing to lift they are conversation, which a recruiter should answer.
    """
    order = keywords.order_in(text.body)
    if order is None and text.optout_type.upper() == "STOP":
        return "stop"
    if order == "start" and optout.state_of(candidate) is None:
        return None
    return order


def _address_of(event: InboundEvent, sender: Sender, text: InboundText) -> Address:
    """Who wrote: the candidate with this address, or a new one known by it alone."""
    known = roster.find(event.customer, sender.channel, text.sender)
    if known:
        return known
    try:
        return roster.add_stranger(event.customer, sender.channel, text.sender)
    except Refused:
        # A parallel first text of the same person made the candidate.
        found = roster.find(event.customer, sender.channel, text.sender)
        if found is None:
            raise
        return found


def _owner_of(sender: Sender) -> User | None:
    """A new thread belongs to whoever holds the seat of the number it came to."""
    if sender.seat_id is None:
        return None
    held = License.objects.filter(seat_id=sender.seat_id).valid().select_related("user").first()
    return held.user if held else None


def _note_consent(message: Message) -> None:
    if not message.candidate.consents.filter(channel=message.channel).exists():
        consent.record(
            message.candidate,
            Evidence(
                "inbound", wording=phone.shown(message.sender.address) if message.sender else ""
            ),
            channel=message.channel,
            by=None,
            message_id=message.id,
        )


def _note_failure(id: int, error: Exception) -> None:
    event = InboundEvent.objects.get(id=id)
    event.attempts += 1
    event.error = f"{type(error).__name__}: {error}"[:500]
    event.parked = event.attempts >= TRIES
    event.save(update_fields=["attempts", "error", "parked"])
