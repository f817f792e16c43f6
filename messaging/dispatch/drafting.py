"""From what somebody wrote to what the gate judges and the outbox stores."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accounts.models import Customer, User
from messaging.candidates.models import Address, OptOut
from messaging.conversations.models import Conversation, Message
from messaging.gate.verdict import Item
from messaging.senders.choice import senders_of
from messaging.senders.models import Sender
from messaging.wording import segments, variables
from messaging.wording.variables import Facts
from textengage.lib.ids import new_id


@dataclass(frozen=True, slots=True)
class Draft:
    """One text as written, variables not filled yet. ``id`` becomes the message's.

    ``due_at`` empty means now (UTC). ``sender`` empty means the one the person knows.
    ``expires_at`` is when it is no longer worth sending, such as a campaign's end; empty
    means by its kind.
    """

    conversation: Conversation
    body: str
    id: UUID = field(default_factory=new_id)
    channel: str = "sms"
    kind: str = Message.TYPED
    due_at: datetime | None = None
    expires_at: datetime | None = None
    sender: Sender | None = None
    optout: OptOut | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft with its variables filled, its address and sender chosen, its size counted."""

    draft: Draft
    item: Item
    address: Address | None
    sender: Sender | None
    size: segments.Segments


def prepare(drafts: Sequence[Draft], *, by: User | None) -> list[Prepared]:
    """Fill, choose and count for a batch, with a constant number of queries."""
    candidates = {draft.conversation.candidate_id for draft in drafts}
    addresses = {
        (address.candidate_id, address.channel): address
        for address in Address.objects.filter(candidate_id__in=candidates).order_by("-created_at")
    }
    mine = {
        channel: senders_of(by, channel) for channel in {draft.channel for draft in drafts} if by
    }
    company = Customer.objects.get(id=drafts[0].conversation.customer_id).name
    prepared = []
    for draft in drafts:
        address = addresses.get((draft.conversation.candidate_id, draft.channel))
        sender = draft.sender
        if sender is None and draft.channel in mine:
            sender = mine[draft.channel].for_thread(
                draft.conversation.last_sender_id, address.region if address else ""
            )
        prepared.append(_prepare(draft, address, sender, by, company))
    return prepared


def _prepare(
    draft: Draft, address: Address | None, sender: Sender | None, by: User | None, company: str
) -> Prepared:
    candidate = draft.conversation.candidate
    # Browsers submit line breaks as CR LF, which would count as two characters.
    written = draft.body.replace("\r\n", "\n")
    body = variables.fill(written, facts_of(draft.conversation, by, company)).text
    item = Item(
        id=draft.id,
        customer_id=draft.conversation.customer_id,
        candidate_id=candidate.id,
        contact_key=candidate.contact_key,
        first_name=candidate.first_name or "",
        channel=draft.channel,
        kind=draft.kind,
        body=body,
        address_id=address.id if address else None,
        address=address.address if address else "",
        address_key=bytes(address.address_key) if address else b"",
        region=address.region if address else "",
        unusable_reason=address.unusable_reason if address else "",
        licensee_id=by.id if by else None,
        sender_id=sender.id if sender else None,
        sender_team_path=sender.team.path if sender and sender.team else (),
    )
    return Prepared(draft, item, address, sender, segments.count(body))


def facts_of(conversation: Conversation, by: User | None, company: str) -> Facts:
    """What variables in a text to this person by this author may draw on."""
    candidate = conversation.candidate
    return Facts(
        first_name=candidate.first_name or "",
        last_name=candidate.last_name or "",
        current_title=candidate.current_title,
        job=candidate.job,
        sender_first_name=by.first_name if by else "",
        sender_last_name=by.last_name if by else "",
        company=company,
    )
