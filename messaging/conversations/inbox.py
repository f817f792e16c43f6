"""The read side of the inbox: folders, their rows, one thread's texts, who has read what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import DateTimeField, F, OuterRef, QuerySet, Subquery
from django.db.models.fields.tuple_lookups import (
    Tuple,
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
)
from django.db.models.functions import Coalesce

from accounts.viewer import Viewer
from messaging.conversations import status
from messaging.conversations.models import Conversation, Message, ReadMark
from textengage.lib import clock, sql
from textengage.lib.clock import AppNow

ROWS: Final = 30
TEXTS: Final = 50
# No page draws more texts than this, however long it has been open.
MOST_TEXTS: Final = 500
# A text that waits longer than any time to undo it was scheduled.
SCHEDULED: Final = timedelta(seconds=30)
# How long the folder "Not sent" remembers.
NOT_SENT_FOR: Final = timedelta(days=30)
# Nobody needs to know it closer, and counting on would cost more with every thread.
MOST_COUNTED: Final = 100
# Of more waiting threads than this, only the latest waits are looked at for unread ones.
MOST_LOOKED_AT: Final = 200

# Every part ends after so many steps along an index. Of nobody's threads the owner is null,
# which the same index finds.
COUNTS: Final = """
WITH waiting AS NOT MATERIALIZED (
    SELECT c.id, c.owner_id, c.waiting_since, c.last_message_at
    FROM messaging_conversation c JOIN messaging_candidate p ON p.id = c.candidate_id
    WHERE c.customer_id = %(customer)s AND c.state = 'open' AND c.last_direction = 'in'
      AND p.purged_at IS NULL)
SELECT mine.*, unread.*, nobodys.*
FROM (SELECT count(*), min(waiting_since) FROM (
        SELECT waiting_since FROM waiting WHERE owner_id = %(user)s
        ORDER BY waiting_since, id LIMIT %(most)s) longest) mine,
    (SELECT count(*) FILTER (WHERE read_at IS NULL OR read_at < last_message_at) FROM (
        SELECT last_message_at, (
            SELECT m.read_at FROM messaging_readmark m
            WHERE m.conversation_id = waiting.id AND m.user_id = %(user)s) AS read_at
        FROM waiting WHERE owner_id = %(user)s
        ORDER BY waiting_since DESC, id DESC LIMIT %(looked_at)s) latest) unread,
    (SELECT count(*) FROM (
        SELECT 1 FROM waiting WHERE owner_id IS NULL
        ORDER BY owner_id, waiting_since LIMIT %(most)s) longest) nobodys
"""

Cursor = tuple[datetime, UUID]
"""The instant a row is ordered by (UTC) and its id: no row is skipped or repeated."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One list of the inbox: of threads, or of texts. ``column`` is what orders it."""

    code: str
    label: str
    column: str
    of_texts: bool = False
    of_team: bool = False
    newest_first: bool = True


FOLDERS: Final = {
    folder.code: folder
    for folder in (
        Folder("needs-reply", "Needs reply", "waiting_since", newest_first=False),
        Folder("waiting", "Waiting for them", "last_message_at"),
        Folder("scheduled", "Scheduled", "due_at", of_texts=True, newest_first=False),
        Folder("not-sent", "Not sent", "created_at", of_texts=True),
        Folder("all", "All", "moved_at"),
        Folder("nobody", "Nobody's", "last_message_at", of_team=True),
        Folder("everyone", "All", "last_message_at", of_team=True),
    )
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a folder: a thread, and the text where the folder lists texts."""

    thread: Conversation
    text: Message | None
    at: datetime
    is_unread: bool

    @property
    def id(self) -> UUID:
        return self.text.id if self.text else self.thread.id


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    next_cursor: Cursor | None


class Capped(int):
    """A count that ended at MOST_COUNTED; from there on it reads "99+"."""

    def __str__(self) -> str:
        return f"{MOST_COUNTED - 1}+" if self >= MOST_COUNTED else int.__repr__(self)

    def __format__(self, spec: str, /) -> str:
        return str(self) if self >= MOST_COUNTED else int.__format__(self, spec)


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits for the viewer. ``longest_since`` is when the longest wait began (UTC)."""

    needs_reply: Capped
    longest_since: datetime | None
    unread: Capped
    nobody: Capped


def folder_for(viewer: Viewer, code: str) -> Folder | None:
    """A folder the viewer may open, or None."""
    folder = FOLDERS.get(code)
    if folder and folder.of_team and not viewer.can("see_everyone"):
        return None
    return folder


def page(viewer: Viewer, folder: Folder, after: Cursor | None = None, limit: int = ROWS) -> Page:
    """One page of a folder, in its order, after a row already shown."""
    rows = _rows_of(viewer, folder)
    if after:
        rows = rows.filter(_beyond(folder.column, after, newest_first=folder.newest_first))
    found = [_row(each, folder) for each in rows[: limit + 1]]
    last = found[limit - 1] if len(found) > limit else None
    return Page(found[:limit], (last.at, last.id) if last else None)


def again(viewer: Viewer, folder: Folder, ids: Sequence[UUID]) -> list[Row]:
    """The same rows in the same order as they are now, whatever folder they belong to."""
    rows = _all_texts(viewer) if folder.of_texts else _all_threads(viewer)
    found = {each.id: each for each in rows.filter(id__in=ids[: 4 * ROWS])}
    return [_row(found[id], folder) for id in ids if id in found]


def counts(viewer: Viewer) -> Counts:
    """The badges, in one query that costs the same however many wait."""
    ((needs_reply, longest_since, unread, nobody),) = sql.rows(
        COUNTS,
        customer=viewer.customer.id,
        user=viewer.user.id,
        most=MOST_COUNTED,
        looked_at=MOST_LOOKED_AT,
    )
    return Counts(Capped(needs_reply), longest_since, Capped(unread), Capped(nobody))


def how_many(viewer: Viewer, code: str) -> Capped:
    """How many rows one folder holds."""
    return _count(_rows_of(viewer, FOLDERS[code]))


def owns_any(viewer: Viewer) -> bool:
    """Whether any thread is the viewer's, in whatever state."""
    return bool(_threads_of(viewer, FOLDERS["all"]).exists())


def scheduled_before(viewer: Viewer, end: datetime) -> Capped:
    """How many of the viewer's scheduled texts are due before an instant (UTC)."""
    return _count(_rows_of(viewer, FOLDERS["scheduled"]).filter(due_at__lt=end))


def texts(
    conversation: Conversation,
    *,
    before: Cursor | None = None,
    since: Cursor | None = None,
    limit: int = TEXTS,
) -> tuple[list[Message], bool]:
    """A thread's texts in the order they happened, and whether there are earlier ones.

    ``before`` pages back; ``since`` (inclusive) asks again for all from a text already
    shown, so that a page that stays open keeps what it has.
    """
    rows = Message.objects.filter(conversation=conversation).select_related("author", "sender")
    rows = rows.order_by("-created_at", "-id")
    if since:
        same_or_later = TupleGreaterThanOrEqual(Tuple(F("created_at"), F("id")), since)
        rows, limit = rows.filter(same_or_later), MOST_TEXTS
    if before:
        rows = rows.filter(_beyond("created_at", before, newest_first=True))
    found = list(rows[: limit + 1])
    return found[:limit][::-1], len(found) > limit


def read_at(viewer: Viewer, conversation: Conversation) -> datetime | None:
    """How far the viewer has read a thread (UTC)."""
    marks = ReadMark.objects.filter(conversation=conversation, user=viewer.user)
    return marks.values_list("read_at", flat=True).first()


def mark_read(viewer: Viewer, conversation: Conversation, until: datetime) -> None:
    """The viewer has seen a thread up to an instant (UTC); a mark never goes back."""
    seen = min(until, clock.now())
    mark, is_new = ReadMark.objects.get_or_create(
        customer=viewer.customer,
        conversation=conversation,
        user=viewer.user,
        defaults={"read_at": seen},
    )
    if not is_new:
        ReadMark.objects.filter(id=mark.id, read_at__lt=seen).update(read_at=seen)


def _all_threads(viewer: Viewer) -> QuerySet[Any]:
    marks = ReadMark.objects.filter(conversation=OuterRef("id"), user=viewer.user)
    rows: QuerySet[Any] = Conversation.objects.visible_to(viewer).annotate(
        read_at=Subquery(marks.values("read_at")[:1], output_field=DateTimeField()),
        moved_at=Coalesce("last_message_at", "created_at"),
    )
    return rows.select_related("candidate", "owner", "last_author")


def _all_texts(viewer: Viewer) -> QuerySet[Any]:
    rows: QuerySet[Any] = Message.objects.visible_to(viewer).outbound()
    return rows.select_related("conversation__candidate", "conversation__owner", "author")


def _rows_of(viewer: Viewer, folder: Folder) -> QuerySet[Any]:
    """All rows of a folder, in its order."""
    rows = _texts_of(viewer, folder) if folder.of_texts else _threads_of(viewer, folder)
    sign = "-" if folder.newest_first else ""
    return rows.order_by(f"{sign}{folder.column}", f"{sign}id")


def _count(rows: QuerySet[Any]) -> Capped:
    return Capped(rows.values("id")[:MOST_COUNTED].count())


def _threads_of(viewer: Viewer, folder: Folder) -> QuerySet[Any]:
    if folder.code == "all":
        # Also what no other folder has: after STOP, closed, or with nothing that left yet.
        return _all_threads(viewer).filter(owner=viewer.user)
    rows = _all_threads(viewer).filter(last_message_at__isnull=False)
    open_ones = rows.filter(state=Conversation.OPEN)
    match folder.code:
        case "needs-reply":
            return open_ones.filter(owner=viewer.user, last_direction=Message.IN)
        case "waiting":
            return open_ones.filter(owner=viewer.user, last_direction=Message.OUT)
        case "nobody":
            return open_ones.filter(owner__isnull=True)
        case _:
            return rows


def _texts_of(viewer: Viewer, folder: Folder) -> QuerySet[Any]:
    rows = _all_texts(viewer).filter(licensee=viewer.user)
    if folder.code == "scheduled":
        return rows.filter(state=status.QUEUED, due_at__gt=AppNow() + SCHEDULED)
    return rows.filter(state__in=status.NOT_SENT, created_at__gt=AppNow() - NOT_SENT_FOR)


def _row(found: Any, folder: Folder) -> Row:
    if folder.of_texts:
        return Row(found.conversation, found, getattr(found, folder.column), is_unread=False)
    is_unread = found.last_direction == Message.IN and (
        found.read_at is None or found.read_at < found.last_message_at
    )
    # A thread that has left its folder meanwhile may have lost what ordered it.
    at = getattr(found, folder.column) or found.last_message_at or found.created_at
    return Row(found, None, at, is_unread=is_unread)


def _beyond(column: str, after: Cursor, *, newest_first: bool) -> Any:
    """Rows after a cursor, compared as a pair: an index goes straight to the first of them."""
    further = TupleLessThan if newest_first else TupleGreaterThan
    return further(Tuple(F(column), F("id")), after)
