"""The rows of the candidates page, with a fixed number of queries for any number of rows."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Prefetch, Q

from accounts.viewer import Viewer
from messaging.candidates import optout
from messaging.candidates.models import Address, Candidate
from messaging.channels import phone
from messaging.conversations.models import Conversation, Message
from messaging.web import moments, showing
from textengage.lib import clock

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Person:
    """One row: who, where, what for, and how it stands."""

    id: UUID
    name: str
    initials: str
    number: str
    title: str
    kind: str
    owner: str
    last: str
    mark: str
    mark_tone: str


@dataclass(frozen=True, slots=True)
class Listing:
    people: list[Person]
    kind: str
    after: str
    next_id: str


def listing(viewer: Viewer, *, kind: str, after: str) -> Listing:
    """A page of people by last name. The address carries the last row's id, no name."""
    rows: Any = Candidate.objects.visible_to(viewer)
    known = kind if kind in dict(Candidate.KINDS) else ""
    if known:
        rows = rows.filter(kind=known)
    last = _row_before(viewer, after)
    if last:
        further = Q(last_name__gt=last.last_name) | Q(last_name=last.last_name, id__gt=last.id)
        rows = rows.filter(Q(last_name__gte=last.last_name) & further)
    addresses = Prefetch("addresses", Address.objects.order_by("created_at"))
    theirs = Prefetch("threads", Conversation.objects.select_related("owner"))
    found = list(rows.order_by("last_name", "id").prefetch_related(addresses, theirs)[: PAGE + 1])
    shown, has_more = found[:PAGE], len(found) > PAGE
    return Listing(
        _people(shown), known, str(last.id) if last else "", str(shown[-1].id) if has_more else ""
    )


def _row_before(viewer: Viewer, after: str) -> Candidate | None:
    try:
        id = UUID(after)
    except ValueError:
        return None
    found: Candidate | None = Candidate.objects.visible_to(viewer).filter(id=id).first()
    return found


def _people(found: list[Candidate]) -> list[Person]:
    now = clock.now()
    keys = {
        address.id: (address.customer_id, bytes(address.address_key))
        for person in found
        for address in person.addresses.all()
    }
    stopped = optout.in_force(keys.values())
    return [_person(person, keys, stopped, now) for person in found]


def _person(person: Candidate, keys: Any, stopped: Any, now: Any) -> Person:
    addresses = list(person.addresses.all())
    threads = list(person.threads.all())
    thread = threads[0] if threads else None
    mark, tone = _mark(thread)
    if any(keys[address.id] in stopped for address in addresses):
        mark, tone = "Do Not Text", "stop"
    elif any(address.unusable_reason for address in addresses):
        mark, tone = "Number does not work", "stop"
    return Person(
        id=person.id,
        name=person.name,
        initials=showing.initials(person),
        number=phone.shown(addresses[0].address) if addresses else "",
        title=person.current_title,
        kind=person.get_kind_display(),
        owner=thread.owner.name if thread and thread.owner else "",
        last=moments.when(thread.last_message_at, now) if thread and thread.last_message_at else "",
        mark=mark,
        mark_tone=tone,
    )


def _mark(thread: Conversation | None) -> tuple[str, str]:
    if thread is None or thread.last_message_at is None:
        return "", ""
    if thread.last_direction == Message.IN:
        return "Needs reply", "accent"
    return ("Waiting for them", "") if thread.last_direction == Message.OUT else ("", "")
