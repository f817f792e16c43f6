"""The inbox among many threads: what is read does not grow with what there is."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.viewer import Viewer
from messaging.candidates.models import Candidate
from messaging.conversations import inbox
from messaging.conversations.inbox import FOLDERS, MOST_COUNTED, MOST_LOOKED_AT, ROWS, Capped
from messaging.conversations.models import Conversation, ReadMark
from tests import make
from textengage.cast import Company
from textengage.lib import clock
from textengage.lib.scoping import within

OF_THREADS = [code for code, folder in FOLDERS.items() if not folder.of_texts]
TABLES_PER_ROW = 5
"""A row of a list comes from so many tables: thread, person, owner, author, read mark."""

BEFORE_A_PAGE = 4
"""Questions that every page asks first: session, user, customer, powers."""


def many(company: Company, count: int, owner: User | None, direction: str = "in") -> None:
    """Open threads whose last texts were all of one instant."""
    at = clock.now() - timedelta(hours=1)
    people = [
        Candidate(customer=company.customer, first_name="Dana", last_name="Kim")
        for _ in range(count)
    ]
    Candidate.objects.bulk_create(people)
    Conversation.objects.bulk_create(
        Conversation(
            customer=company.customer,
            candidate=person,
            owner=owner,
            last_message_at=at,
            last_direction=direction,
            waiting_since=at if direction == "in" else None,
        )
        for person in people
    )


@pytest.fixture
def crowd(in_acme: Company, rita: User) -> None:
    """Of Rita's 1,000 wait and 1,000 were texted; 1,000 of nobody's wait too."""
    many(in_acme, 1000, rita)
    many(in_acme, 1000, rita, "out")
    many(in_acme, 1000, None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE messaging_conversation, messaging_candidate, messaging_readmark")


def viewer_of(folder: inbox.Folder, company: Company) -> Viewer:
    name = "Mona" if folder.of_team else "Rita"
    return Viewer(company.people[name], company.customer)


def rows_read(ask: Callable[[], object]) -> int:
    """How many rows of tables and indexes a question looked at."""
    with CaptureQueriesContext(connection) as queries:
        ask()
    (query,) = queries.captured_queries
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"])
        (plan,) = cursor.fetchone()
    top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return int(sum(_read(node) for node in _nodes(top) if "Relation Name" in node))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


def _read(node: dict[str, Any]) -> float:
    kept, dropped = node["Actual Rows"], node.get("Rows Removed by Filter", 0)
    return float((kept + dropped) * node["Actual Loops"])


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("code", OF_THREADS)
def test_a_page_reads_its_own_rows_alone_first_or_late(in_acme: Company, code: str) -> None:
    folder = FOLDERS[code]
    viewer = viewer_of(folder, in_acme)
    late = inbox.page(viewer, folder, limit=20 * ROWS).next_cursor
    assert late is not None
    for after in (None, late):
        read = rows_read(lambda after=after: inbox.page(viewer, folder, after))  # type: ignore[misc]
        assert read <= TABLES_PER_ROW * (ROWS + 1)


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("code", OF_THREADS)
def test_threads_of_one_instant_come_once_each_over_all_pages(in_acme: Company, code: str) -> None:
    folder = FOLDERS[code]
    viewer = viewer_of(folder, in_acme)
    seen: list[UUID] = []
    cursor, pages = None, 0
    while cursor or not pages:
        page = inbox.page(viewer, folder, cursor, limit=400)
        seen += [row.id for row in page.rows]
        cursor, pages = page.next_cursor, pages + 1
    threads = {"all": 2000, "everyone": 3000}.get(code, 1000)
    assert len(seen) == threads
    assert seen == sorted(set(seen), reverse=folder.newest_first)


@pytest.mark.usefixtures("crowd")
def test_counts_end_early_and_read_no_further(in_acme: Company, rita: User) -> None:
    viewer = Viewer(rita, in_acme.customer)
    counts = inbox.counts(viewer)
    assert f"{counts.needs_reply}, {counts.unread}, {counts.nobody}" == "99+, 99+, 99+"
    assert str(inbox.how_many(viewer, "waiting")) == "99+"
    # Of each counted thread also the person; of those looked at also the read mark.
    most = 2 * MOST_COUNTED + 3 * MOST_LOOKED_AT + 2 * MOST_COUNTED
    assert rows_read(lambda: inbox.counts(viewer)) <= most
    assert rows_read(lambda: inbox.how_many(viewer, "waiting")) <= 2 * MOST_COUNTED


def test_counts_are_exact_below_their_end(in_acme: Company, rita: User) -> None:
    many(in_acme, 99, rita)
    many(in_acme, 3, None)
    read = Conversation.objects.filter(owner=rita)[:40]
    ReadMark.objects.bulk_create(
        ReadMark(customer=in_acme.customer, conversation=each, user=rita, read_at=clock.now())
        for each in read
    )
    counts = inbox.counts(Viewer(rita, in_acme.customer))
    assert [f"{each:,}" for each in (counts.needs_reply, counts.unread, counts.nobody)] == [
        "99", "59", "3",
    ]  # fmt: skip


def test_a_closed_and_an_answered_thread_wait_for_nobody(in_acme: Company, rita: User) -> None:
    many(in_acme, 3, rita)
    closed, answered, left = Conversation.objects.all()
    Conversation.objects.filter(id=closed.id).update(state="closed")
    make.outbound(answered, created_at=clock.now())
    counts = inbox.counts(Viewer(rita, in_acme.customer))
    assert (counts.needs_reply, counts.unread, counts.longest_since) == (1, 1, left.waiting_since)


def test_another_customers_waits_are_not_counted(
    in_acme: Company, rita: User, mona: User, globex: Company
) -> None:
    with within(globex.customer):
        many(globex, 2, None)
    many(in_acme, 1, None)
    assert inbox.counts(Viewer(mona, in_acme.customer)).nobody == 1


@pytest.mark.parametrize(
    ("count", "badge", "summary"),
    [
        (99, "99", "99 people wait, longest 1 h"),
        (101, "99+", "99+ people wait, longest 1 h"),
    ],
)
def test_a_page_says_99_and_more(
    acme: Company,
    rita: User,
    signed_in: Callable[[User], Client],
    count: int,
    badge: str,
    summary: str,
) -> None:
    with within(acme.customer):
        many(acme, count, rita)
    answer = signed_in(rita).get("/inbox/needs-reply/")
    shown = answer.content.decode()
    assert f'<span class="badge" data-tone="accent">{badge}<' in shown
    assert f"({badge}) Needs reply" in " ".join(shown.split())
    assert answer.context["summary"] == summary


def test_a_badge_of_nothing_is_absent(rita: User, signed_in: Callable[[User], Client]) -> None:
    assert 'class="badge"' not in signed_in(rita).get("/inbox/needs-reply/").content.decode()


def test_a_capped_count_is_a_number_until_its_end() -> None:
    assert [str(Capped(count)) for count in (0, 7, 99, 100)] == ["0", "7", "99", "99+"]
    assert [f"{Capped(count):,}" for count in (7, 100)] == ["7", "99+"]
    assert not Capped(0)


@pytest.mark.parametrize("code", OF_THREADS)
def test_a_folders_page_asks_as_often_for_1_as_for_40(
    acme: Company, signed_in: Callable[[User], Client], code: str
) -> None:
    client = signed_in(acme.people["Mona" if FOLDERS[code].of_team else "Rita"])
    owner = None if code == "nobody" else acme.people["Rita"]
    direction = "out" if code == "waiting" else "in"
    asked = []
    for count in (1, 39):
        with within(acme.customer):
            many(acme, count, owner, direction)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/inbox/{code}/").status_code == 200
        # The clock of tests is the database's; a page's own reads none.
        asked.append(sum("app_now()" not in each["sql"][:20] for each in queries))
    assert asked[0] == asked[1]
    assert asked[0] <= BEFORE_A_PAGE + 8
