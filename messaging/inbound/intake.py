"""From a stored event to a text in a thread: one transaction each, the poisonous parked."""

import logging
import re
from collections.abc import Collection
from typing import Final

from django.db import OperationalError, connection, transaction

from accounts import audit
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
from textengage.lib import clock, ids, live, sql
from textengage.lib.refusal import Refused
from textengage.lib.scoping import within

log = logging.getLogger(__name__)
BATCH: Final = 200
TRIES: Final = 5

OPEN = """
SELECT id FROM messaging_inboundevent
WHERE processed_at IS NULL AND NOT parked AND attempts <= %s ORDER BY id LIMIT %s
"""

FAILED = """
UPDATE messaging_inboundevent
SET attempts = attempts + 1, error = %s, parked = attempts + 1 >= %s
WHERE id = %s AND processed_at IS NULL AND NOT parked
"""

RETRY = """
UPDATE messaging_inboundevent SET parked = false, attempts = 0, error = '', recovered = true
WHERE id = ANY(%s::bigint[]) AND parked
RETURNING id, customer_id
"""

PRIVATE: Final = re.compile(r"\d{4,}")
"""Numbers of people in what a database says of a row it does not take."""


class UnknownNumber(Exception):
    """The event names a number that the account does not have."""


def take_in() -> int:
    """Process what waits, oldest first; returns how many events were looked at."""
    looked_at = 0
    for (id,) in sql.rows(OPEN, TRIES, BATCH):
        try:
            with transaction.atomic():
                _process(id)
        except OperationalError as error:
            # A lock, a full disk, a lost connection: not the event's fault, so no try is
            # counted. It comes again, and what follows it does not wait.
            log.warning("inbound event %s has to wait: %s", id, _said(error))
            if not connection.is_usable():
                raise
            continue
        except Exception as error:
            log.error("inbound event %s could not be processed: %s", id, _said(error))
            sql.run(FAILED, _said(error), TRIES, id)
        looked_at += 1
    return looked_at


@transaction.atomic
def retry(event_ids: Collection[int], *, by: User) -> int:
    """Give parked events another five tries; returns how many there were.

    Whoever comes second finds nothing parked any more.
    """
    again = sql.rows(RETRY, list(event_ids))
    for id, customer_id in again:
        audit.record("event.retried", of=customer_id, by=by, row=id)
    if again:
        live.wake("inbound")
    return len(again)


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
    at = min(text.created_at or event.received_at, event.received_at)
    message = Message.objects.create(
        id=ids.id_for(at, event.account_id, text.provider_sid),
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
        created_at=at,
        recovered_at=clock.now() if event.recovered else None,
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


def _said(error: Exception) -> str:
    """What went wrong in one line, without the values of anybody's row."""
    line = next(iter(str(error).splitlines()), "")
    return PRIVATE.sub("…", f"{type(error).__name__}: {line}")[:500]
