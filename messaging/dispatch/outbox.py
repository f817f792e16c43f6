"""Putting texts into the outbox: the message row is the record, the pump empties it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid5

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import User
from credits import windows
from messaging.conversations import status, threads
from messaging.conversations.models import Message
from messaging.dispatch import drafting, withdrawing
from messaging.dispatch.drafting import Draft, Prepared
from messaging.gate import gate
from messaging.gate.verdict import Batch, Effect, Moment, Verdict
from textengage.lib import clock, live
from textengage.lib.refusal import Refused

__all__ = ["Draft", "cancel", "queue", "send", "send_again"]

OUTBOX: Final = "outbox"
ABSENT: Final = "There is no such text."
LOOK_AGAIN: Final = timedelta(minutes=1)
# How long a text that waits stays worth sending (RELIABILITY 2.2 rule 14).
LIFE: Final = {
    Message.TYPED: timedelta(hours=24),
    Message.API: timedelta(hours=24),
    Message.AUTOMATIC: timedelta(hours=6),
    Message.CAMPAIGN: timedelta(days=7),
    Message.COMPLIANCE: timedelta(minutes=5),
}
STATE_OF: Final = {
    Effect.PASS: status.QUEUED,
    Effect.HOLD: status.HELD,
    Effect.REFUSE: status.REFUSED,
}


def send(draft: Draft, *, by: User, wait_for_contacts: bool = False) -> Message:
    """Queue one text, or raise Refused with the reason and write nothing.

    The same draft id again returns the first text, so a double click is harmless; an id
    that is somebody else's is refused as absent. With ``wait_for_contacts`` a text that
    only lacks a contact is kept and goes when contacts are added.
    """
    repeated = _already_there(draft, by)
    if repeated:
        return repeated
    try:
        with transaction.atomic():
            (message,) = _write([draft], by=by, sole=True, may_wait=wait_for_contacts)
    except IntegrityError as error:
        # The other click of a double click committed first.
        repeated = _already_there(draft, by)
        if repeated is None and "messaging_message_pkey" in str(error):
            # The id is a text of another customer: here it does not exist.
            raise Refused("absent", ABSENT) from None
        if repeated is None:
            raise
        return repeated
    return message


@transaction.atomic
def queue(drafts: Sequence[Draft], *, by: User | None, at: datetime | None = None) -> list[Message]:
    """Queue many texts of one customer: each row ends queued, held or refused.

    ``by`` is empty only for compliance confirmations, which stand for nobody's license.
    """
    return _write(drafts, by=by, at=at) if drafts else []


@transaction.atomic
def cancel(message: Message, *, by: User) -> None:
    """Take back a text that is not on the wire yet. Raises Refused("too_late")."""
    windows.lock([(message.customer_id, message.candidate.contact_key)])
    if not withdrawing.withdraw([message.id], to=status.CANCELED, reason="canceled"):
        raise Refused("too_late", "It has already left.")
    audit.record("message.canceled", of=message.customer_id, by=by, about=message)
    threads.summarize([(message.customer_id, message.conversation_id)])


@transaction.atomic
def send_again(message: Message, *, by: User) -> Message:
    """Send an unconfirmed text once more, knowing that it may arrive twice.

    The author has been warned. A double click sends it once: the new text's id follows
    from the old one's. Raises Refused when the text is in any other state, and whatever
    the gate says now.
    """
    windows.lock([(message.customer_id, message.candidate.contact_key)])
    # Seen again under the lock: proof may have come since the page was drawn.
    text = Message.objects.select_for_update(of=("self",)).get(id=message.id)
    if text.state != status.UNCONFIRMED:
        raise Refused("not_unconfirmed", "Only a text that was never confirmed can go again.")
    if text.kind == Message.COMPLIANCE:
        raise Refused("confirmation", "A confirmation is sent once, by nobody in particular.")
    again = Draft(
        conversation=message.conversation,
        body=message.body or "",
        id=uuid5(message.id, "again"),
        channel=message.channel,
    )
    sent = _already_there(again, by)
    if sent is None:
        sent = send(again, by=by)
        audit.record("message.sent_again", of=message.customer_id, by=by, about=message)
    return sent


def _already_there(draft: Draft, by: User) -> Message | None:
    found = Message.objects.filter(id=draft.id).first()
    if found is None:
        return None
    if (found.conversation_id, found.author_id) != (draft.conversation.id, by.id):
        raise Refused("absent", ABSENT)
    return found


def _write(
    drafts: Sequence[Draft],
    *,
    by: User | None,
    at: datetime | None = None,
    sole: bool = False,
    may_wait: bool = False,
) -> list[Message]:
    now = clock.now()
    prepared = drafting.prepare(drafts, by=by)
    windows.ensure((each.item.customer_id, each.item.contact_key) for each in prepared)
    verdicts = gate.run(Batch([each.item for each in prepared], Moment.QUEUE, now))
    if sole:
        _refuse_unless_it_may_go(verdicts[prepared[0].item.id], may_wait)
    messages = [_message(each, verdicts[each.item.id], by, at or now, now) for each in prepared]
    Message.objects.bulk_create(messages, batch_size=1_000)
    changed = {(message.customer_id, message.conversation_id) for message in messages}
    if by:
        threads.adopt([conversation for _, conversation in changed], by=by)
        customer_id = messages[0].customer_id
        audit.record(
            "message.queued",
            of=customer_id,
            by=by,
            about=messages[0] if len(messages) == 1 else None,
            count=len(messages),
        )
    threads.summarize(changed)
    live.wake(OUTBOX)
    return messages


def _refuse_unless_it_may_go(verdict: Verdict, may_wait: bool) -> None:
    waits = verdict.effect is Effect.HOLD and (may_wait or verdict.code != "no_contacts")
    if verdict.effect is not Effect.PASS and not waits:
        raise Refused(verdict.code, verdict.sentence, **verdict.values)


def _message(
    each: Prepared, verdict: Verdict, by: User | None, at: datetime, now: datetime
) -> Message:
    draft, item = each.draft, each.item
    due = draft.due_at or at
    held_until = verdict.until or now + LOOK_AGAIN
    return Message(
        id=draft.id,
        customer_id=item.customer_id,
        conversation=draft.conversation,
        candidate_id=item.candidate_id,
        address=each.address,
        direction=Message.OUT,
        kind=draft.kind,
        channel=draft.channel,
        sender=each.sender,
        account_id=each.sender.account_id if each.sender else None,
        sender_team_path=list(item.sender_team_path),
        author=by,
        licensee=by,
        optout=draft.optout,
        body=item.body,
        segments=each.size.segments,
        encoding=each.size.encoding,
        priority=Message.BULK if draft.kind == Message.CAMPAIGN else Message.REPLY,
        state=STATE_OF[verdict.effect],
        state_changed_at=now,
        created_at=now,
        # A text for tomorrow that is held today is still for tomorrow.
        due_at=max(due, held_until) if verdict.effect is Effect.HOLD else due,
        expires_at=draft.expires_at or max(due, now) + LIFE[draft.kind],
        verdict=verdict.as_json(),
        idempotency_key=draft.idempotency_key,
    )
