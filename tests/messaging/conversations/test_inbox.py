"""The read side of the inbox."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.viewer import Viewer
from messaging.conversations import inbox
from messaging.conversations.inbox import FOLDERS
from messaging.conversations.models import Conversation, ReadMark
from messaging.dispatch import outbox
from messaging.dispatch.outbox import Draft
from tests import make
from textengage.cast import Company
from textengage.lib import clock

NEEDS_REPLY = FOLDERS["needs-reply"]


@pytest.fixture
def viewer(in_acme: Company, rita: User) -> Viewer:
    return Viewer(rita, in_acme.customer)


def threads_of(company: Company, count: int, owner: User) -> list[Conversation]:
    """Threads whose persons have waited 1, 2, 3 ... hours."""
    now = clock.now()
    made = []
    for number in range(count):
        thread = make.thread(company, make.candidate(company, number), owner)
        make.inbound(thread, created_at=now - timedelta(hours=number + 1))
        made.append(thread)
    return made


def ids(rows: list[inbox.Row]) -> list[UUID]:
    return [row.id for row in rows]


def test_needs_reply_has_the_longest_wait_first(in_acme: Company, viewer: Viewer) -> None:
    made = threads_of(in_acme, 3, viewer.user)
    found = inbox.page(viewer, NEEDS_REPLY)
    assert ids(found.rows) == [made[2].id, made[1].id, made[0].id]
    assert found.next_cursor is None


def test_an_answer_moves_a_thread_to_waiting(in_acme: Company, viewer: Viewer) -> None:
    (thread,) = threads_of(in_acme, 1, viewer.user)
    thread.refresh_from_db()
    make.outbound(thread)
    assert inbox.page(viewer, NEEDS_REPLY).rows == []
    assert ids(inbox.page(viewer, FOLDERS["waiting"]).rows) == [thread.id]


def test_pages_neither_skip_nor_repeat_rows_of_one_instant(
    in_acme: Company, viewer: Viewer
) -> None:
    at = clock.now() - timedelta(hours=1)
    made = []
    for number in range(5):
        thread = make.thread(in_acme, make.candidate(in_acme, number), viewer.user)
        make.inbound(thread, created_at=at)
        made.append(thread.id)
    seen: list[UUID] = []
    cursor = None
    for _ in range(3):
        page = inbox.page(viewer, NEEDS_REPLY, cursor, limit=2)
        seen += ids(page.rows)
        cursor = page.next_cursor
    assert seen == sorted(made)
    assert cursor is None


def test_a_colleagues_thread_is_in_everyone_and_not_in_mine(
    in_acme: Company, viewer: Viewer, mona: User
) -> None:
    (thread,) = threads_of(in_acme, 1, mona)
    assert inbox.page(viewer, NEEDS_REPLY).rows == []
    manager = Viewer(mona, in_acme.customer)
    assert ids(inbox.page(manager, FOLDERS["everyone"]).rows) == [thread.id]


def test_a_thread_without_owner_is_nobodys(in_acme: Company, mona: User) -> None:
    (thread,) = threads_of(in_acme, 1, mona)
    Conversation.objects.update(owner=None)
    manager = Viewer(mona, in_acme.customer)
    assert ids(inbox.page(manager, FOLDERS["nobody"]).rows) == [thread.id]
    assert inbox.counts(manager).nobody == 1


def test_team_folders_are_for_those_who_see_everyone(viewer: Viewer, mona: User) -> None:
    assert inbox.folder_for(viewer, "everyone") is None
    assert inbox.folder_for(viewer, "nonsense") is None
    assert inbox.folder_for(Viewer(mona, viewer.customer), "everyone") == FOLDERS["everyone"]


def test_unread_is_per_person_and_a_mark_never_goes_back(
    in_acme: Company, viewer: Viewer, mona: User
) -> None:
    (thread,) = threads_of(in_acme, 1, viewer.user)
    thread.refresh_from_db()
    at = thread.last_message_at
    assert at is not None
    assert inbox.counts(viewer).unread == 1
    inbox.mark_read(viewer, thread, at)
    inbox.mark_read(viewer, thread, at - timedelta(days=1))
    assert inbox.counts(viewer).unread == 0
    assert not inbox.page(viewer, NEEDS_REPLY).rows[0].is_unread
    everyone = inbox.page(Viewer(mona, in_acme.customer), FOLDERS["everyone"])
    assert everyone.rows[0].is_unread
    make.inbound(thread, created_at=clock.now())
    assert inbox.counts(viewer).unread == 1


def test_nobody_reads_into_the_future(in_acme: Company, viewer: Viewer) -> None:
    (thread,) = threads_of(in_acme, 1, viewer.user)
    inbox.mark_read(viewer, thread, clock.now() + timedelta(days=9))
    assert ReadMark.objects.get().read_at <= clock.now()


def test_scheduled_holds_what_waits_longer_than_undo(viewer: Viewer, thread: Conversation) -> None:
    now = clock.now()
    soon = outbox.send(Draft(thread, "a", due_at=now + timedelta(seconds=5)), by=viewer.user)
    later = outbox.send(Draft(thread, "b", due_at=now + timedelta(hours=5)), by=viewer.user)
    assert ids(inbox.page(viewer, FOLDERS["scheduled"]).rows) == [later.id]
    assert soon.id != later.id
    assert inbox.scheduled_before(viewer, now + timedelta(hours=4)) == 0
    assert inbox.scheduled_before(viewer, now + timedelta(hours=6)) == 1


def test_not_sent_holds_own_texts_of_the_last_month(
    viewer: Viewer, thread: Conversation, mona: User
) -> None:
    fresh = make.outbound(thread, state="undelivered")
    make.outbound(thread, state="undelivered", created_at=clock.now() - timedelta(days=31))
    make.outbound(thread, state="undelivered", author=mona, licensee=mona)
    make.outbound(thread)
    assert ids(inbox.page(viewer, FOLDERS["not-sent"]).rows) == [fresh.id]
    assert inbox.how_many(viewer, "not-sent") == 1


def test_texts_come_oldest_first_and_page_back(viewer: Viewer, thread: Conversation) -> None:
    now = clock.now()
    made = [
        make.inbound(thread, str(n), created_at=now - timedelta(minutes=9 - n)) for n in range(5)
    ]
    newest, has_earlier = inbox.texts(thread, limit=2)
    assert ([text.body for text in newest], has_earlier) == (["3", "4"], True)
    older, has_earlier = inbox.texts(thread, before=(newest[0].created_at, newest[0].id), limit=9)
    assert ([text.body for text in older], has_earlier) == (["0", "1", "2"], False)
    since, _ = inbox.texts(thread, since=(made[3].created_at, made[3].id))
    assert [text.body for text in since] == ["3", "4"]


def test_rows_asked_for_again_keep_their_order(in_acme: Company, viewer: Viewer) -> None:
    made = [thread.id for thread in threads_of(in_acme, 3, viewer.user)]
    Conversation.objects.filter(id=made[1]).update(state="closed", waiting_since=None)
    assert ids(inbox.again(viewer, NEEDS_REPLY, made)) == made


@pytest.mark.parametrize("code", FOLDERS)
def test_a_folder_costs_one_query_however_many_rows(
    in_acme: Company, rita: User, mona: User, code: str
) -> None:
    viewer = Viewer(mona if FOLDERS[code].of_team else rita, in_acme.customer)
    for thread in threads_of(in_acme, 6, rita):
        make.outbound(thread, state="undelivered", created_at=clock.now())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        rows = inbox.page(viewer, FOLDERS[code]).rows
        [(row.thread.candidate.name, row.thread.owner, row.is_unread) for row in rows]
    assert len(queries) == 1
