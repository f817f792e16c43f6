"""Threads and texts as the templates draw them (ui/row.html, ui/text.html)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from accounts.viewer import Viewer
from accounts.web.zones import spoken
from credits.models import LedgerEntry
from messaging.candidates import optout
from messaging.candidates.models import Address, Candidate
from messaging.conversations import inbox, status
from messaging.conversations.inbox import Folder, Row
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import waiting
from messaging.dispatch.waiting import Wait
from messaging.web import moments

AUTOMATIC: Final = (Message.AUTOMATIC, Message.CAMPAIGN, Message.COMPLIANCE)
STILL_UNCONFIRMED: Final = timedelta(minutes=20)
MARKS: Final = {
    status.UNDELIVERED: ("Not delivered", "stop"),
    status.UNCERTAIN: ("Not confirmed", "doubt"),
    status.UNCONFIRMED: ("Not confirmed", "doubt"),
    status.HELD: ("Held", "wait"),
    status.QUEUED: ("", ""),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list."""

    id: str
    url: str
    initials: str
    name: str
    line: str
    who: str
    mark: str
    mark_tone: str
    at: datetime
    time: str
    is_late: bool
    is_unread: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text of a thread. ``day`` and ``is_new`` put a divider before it."""

    id: str
    kind: str
    body: str
    by: str
    at: datetime
    time: str
    state: str
    reason: str
    when: str
    after_acceptance: bool
    cost: str
    detail: str
    day: str
    is_new: bool
    is_recovered: bool
    undo_seconds: int
    may_cancel: bool
    may_send_again: bool
    may_send_anyway: bool


def initials(person: Candidate | User) -> str:
    """ "DK", or "?" when nobody's name is left."""
    names = (person.first_name or "", person.last_name or "")
    return "".join(name[0] for name in names if name).upper() or "?"


def thread_url(thread: Conversation, folder: str = "") -> str:
    """A thread's page, in a folder; by default in one that holds it."""
    spoke_last = {Message.IN: "needs-reply", Message.OUT: "waiting"}
    code = folder or spoke_last.get(thread.last_direction, "all")
    return reverse("thread", args=[code, thread.id])


def lines(
    viewer: Viewer, folder: Folder, rows: Sequence[Row], now: datetime, current: UUID | None = None
) -> list[Line]:
    stopped = _do_not_text(row.thread.candidate_id for row in rows)
    return [_line(viewer, folder, row, now, stopped, current) for row in rows]


def _do_not_text(candidates: Iterable[UUID]) -> set[UUID]:
    """Which of some people nobody may text."""
    addresses = list(Address.objects.filter(candidate__in=list(candidates)))
    keys = {each: (each.customer_id, bytes(each.address_key)) for each in addresses}
    held = optout.in_force(keys.values())
    return {address.candidate_id for address, key in keys.items() if key in held}


def _line(
    viewer: Viewer,
    folder: Folder,
    row: Row,
    now: datetime,
    stopped: set[UUID],
    current: UUID | None,
) -> Line:
    thread, text = row.thread, row.text
    waits = folder.code == "needs-reply"
    author = text.author if text else thread.last_author
    is_out = text is not None or thread.last_direction == Message.OUT
    mark, tone = _mark(text.state) if text else ("", "")
    if not text and thread.candidate_id in stopped:
        mark, tone = "Do Not Text", "stop"
    return Line(
        id=str(row.id),
        url=thread_url(thread, folder.code),
        initials=initials(thread.candidate),
        name=thread.candidate.name or "Removed",
        line=_line_of(thread, text),
        who=f"{_author(viewer, author)}:" if is_out and author else "",
        mark=mark,
        mark_tone=tone,
        at=row.at,
        time=moments.when(row.at, now) if text else moments.span(now - row.at),
        is_late=waits and now - row.at > moments.LATE,
        is_unread=row.is_unread and thread.id != current,
        is_current=thread.id == current,
    )


def _line_of(thread: Conversation, text: Message | None) -> str:
    if text:
        return text.body or ""
    return thread.last_preview if thread.last_message_at else "No texts yet"


def _mark(state: str) -> tuple[str, str]:
    return MARKS.get(state, ("Not sent", "stop"))


def _author(viewer: Viewer, author: User) -> str:
    return "You" if author.id == viewer.user.id else author.first_name


def bubbles(
    viewer: Viewer, texts: Sequence[Message], now: datetime, read_until: datetime | None = None
) -> list[Bubble]:
    """A thread's texts, oldest first, with their dividers and what each one cost.

    ``read_until`` is how far the viewer had read when the page was opened.
    """
    costs = _costs(texts)
    waits = waiting.waits_of(texts, now)
    shown: list[Bubble] = []
    before, is_marked = "", False
    for text in texts:
        day = moments.day(text.created_at, now)
        is_new = (
            not is_marked
            and read_until is not None
            and text.direction == Message.IN
            and (text.recovered_at or text.created_at) > read_until
        )
        is_marked = is_marked or is_new
        label = day if day != before else ""
        if not shown:
            # Said once, so that nobody takes the hours for their own.
            label = f"{day}, {spoken(viewer.customer.time_zone)}"
        wait = waits.get(text.id)
        shown.append(_bubble(viewer, text, now, costs.get(text.id, ""), wait, label, is_new))
        before = day
    return shown


def _bubble(
    viewer: Viewer,
    text: Message,
    now: datetime,
    cost: str,
    waits_for: Wait | None,
    day: str,
    is_new: bool,
) -> Bubble:
    is_mine = text.author_id == viewer.user.id
    wait = (text.due_at - now).total_seconds() if text.due_at else 0.0
    is_waiting = text.state == status.QUEUED and wait > 0
    is_scheduled = is_waiting and wait > inbox.SCHEDULED.total_seconds()
    may_cancel = is_mine and (is_waiting or bool(waits_for) or text.state == status.HELD)
    return Bubble(
        id=str(text.id),
        kind=_kind(text, is_mine=is_mine),
        body="This text was removed." if text.body is None else text.body,
        by=_by(viewer, text),
        at=text.created_at,
        time=moments.hour(text.created_at),
        state="scheduled" if is_scheduled else text.state,
        reason=_reason(text),
        when=moments.when(text.due_at, now) if is_scheduled and text.due_at else "",
        after_acceptance=text.accepted_at is not None,
        cost=cost,
        detail=_waits(waits_for, now) if waits_for else _detail(text, now),
        day=day,
        is_new=is_new,
        is_recovered=text.recovered_at is not None,
        undo_seconds=int(wait) + 1 if is_waiting and not is_scheduled else 0,
        may_cancel=may_cancel,
        may_send_again=is_mine and text.state == status.UNCONFIRMED,
        may_send_anyway=is_mine and waits_for is not None and waits_for.may_be_ended,
    )


def _kind(text: Message, *, is_mine: bool) -> str:
    if text.direction == Message.IN:
        return "in"
    if text.kind in AUTOMATIC:
        return "automatic"
    return "mine" if is_mine else "colleague"


def _by(viewer: Viewer, text: Message) -> str:
    if text.direction == Message.IN:
        return ""
    if text.kind in AUTOMATIC or text.author is None:
        return "Automatic"
    return _author(viewer, text.author)


def _reason(text: Message) -> str:
    """Why a text is where it is: the carrier's sentence, else the gate's."""
    if text.state in (status.HELD, status.REFUSED):
        verdict: dict[str, Any] = text.verdict or {}
        return str(verdict.get("sentence") or text.error_sentence)
    if text.state == status.EXPIRED:
        return "it waited too long."
    return text.error_sentence


def _detail(text: Message, now: datetime) -> str:
    """UX section 8, "Not confirmed"."""
    if text.state == status.UNCERTAIN:
        return (
            "The carrier did not answer, so this text may or may not have arrived."
            " Nothing is sent twice."
        )
    if text.state == status.UNCONFIRMED:
        return "Still not confirmed. Ask, or send it again knowing it may arrive twice."
    return ""


def _waits(wait: Wait, now: datetime) -> str:
    """ "Waits for the previous text to be confirmed, until 2:05 PM." """
    until = f", until {moments.when(wait.until, now)}" if wait.until else ""
    return f"{wait.sentence}{until}."


def _costs(texts: Iterable[Message]) -> dict[UUID, str]:
    """What was charged and not given back, for all texts shown in one query."""
    ids = [text.id for text in texts if text.direction == Message.OUT]
    charged = LedgerEntry.objects.filter(kind=LedgerEntry.CHARGE, message_id__in=ids)
    reversed_ones = LedgerEntry.objects.filter(reverses__message_id__in=ids).values("reverses_id")
    kept = charged.exclude(id__in=reversed_ones).values_list("message_id", flat=True)
    return {id: "1 contact" for id in kept if id}
