from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Customer, User
from messaging.conversations import status
from reporting.reports.messages import REPORT
from tests.reporting import texts
from textengage.lib import clock


def cells(rex: User, **chosen: str) -> list[tuple[Any, ...]]:
    page = REPORT.page(texts.viewer(rex), texts.MARCH, chosen)
    return [tuple(cell.value for cell in row) for row in page.rows]


def test_outbound_text_is_one_row(rex: User, rita: User, dana: Any) -> None:
    texts.text(dana, author=rita, segments=2)
    assert cells(rex) == [
        (
            datetime(2025, 3, 10, 18, 30, tzinfo=UTC),
            "Outbound",
            "Dana Kim",
            "Candidate",
            "SMS",
            "+15105550101",
            "Delivered",
            2,
            "Rita Ruiz",
            "US",
        )
    ]


def test_inbound_text_has_no_author(rex: User, customer: Customer) -> None:
    omar = texts.candidate(customer, "Omar", "Haddad", kind="employee")
    texts.text(omar, state="received", address=None)
    [row] = cells(rex)
    assert row[1:] == (
        "Inbound", "Omar Haddad", "Employee", "SMS", "+15105550101", "Received", 1, "", "",
    )  # fmt: skip


def test_text_without_author_is_automatic(rex: User, dana: Any) -> None:
    texts.text(dana, state="queued", kind="compliance")
    assert [row[8] for row in cells(rex)] == ["Automatic"]


def test_purged_candidate_is_a_row_without_name_and_link(rex: User, dana: Any) -> None:
    texts.text(dana, state="received")
    dana.first_name = dana.last_name = None
    dana.purged_at = clock.now()
    dana.save()
    [row] = REPORT.page(texts.viewer(rex), texts.MARCH).rows
    assert (row[2].value, row[2].page_id) == ("Purged", None)


@pytest.mark.parametrize("state", status.STATES)
def test_state_has_exactly_one_word(state: str, rex: User, dana: Any) -> None:
    texts.text(dana, state=state)
    [states] = [filter for filter in REPORT.filters if filter.code == "state"]
    held = [option.label for option in states.options if cells(rex, state=option.code)]
    assert [row[6] for row in cells(rex)] == held


@pytest.mark.parametrize(("minutes", "word"), [(0, "Sending"), (10, "Scheduled")])
def test_queued_text_is_scheduled_when_due_later(
    minutes: int, word: str, rex: User, dana: Any
) -> None:
    texts.text(dana, state="queued", due_at=clock.now() + timedelta(minutes=minutes))
    assert [row[6] for row in cells(rex)] == [word]


def test_state_says_why(rex: User, dana: Any) -> None:
    stopped = {"sentence": "Dana asked not to be texted."}
    texts.text(dana, state="failed", error_sentence="The number does not exist.")
    texts.text(dana, state="refused", verdict=stopped)
    texts.text(dana, state="canceled", verdict=stopped)
    assert sorted(row[6] for row in cells(rex)) == [
        "Canceled",
        "Not sent: Dana asked not to be texted.",
        "Not sent: The number does not exist.",
    ]


@pytest.mark.usefixtures("stranger")
def test_texts_of_another_customer_are_absent(rex: User, gus: User, dana: Any) -> None:
    texts.text(dana, state="received")
    assert [row[2] for row in cells(rex)] == ["Dana Kim"]
    cards, number_of_rows = REPORT.summary(texts.viewer(rex), texts.MARCH)
    assert ([card.total.value for card in cards], number_of_rows) == ([0, 1], 1)


def test_timeframe_takes_its_first_instant_and_leaves_its_last(rex: User, dana: Any) -> None:
    assert texts.MARCH.since is not None
    assert texts.MARCH.until is not None
    tick = timedelta(microseconds=1)
    inside = [texts.MARCH.since, texts.MARCH.until - tick]
    for at in (*inside, texts.MARCH.since - tick, texts.MARCH.until):
        texts.text(dana, state="received", at=at)
    assert [row[0] for row in cells(rex)] == inside[::-1]


def test_pages_neither_skip_nor_repeat_texts_of_one_instant(rex: User, dana: Any) -> None:
    made = {texts.text(dana, state="received", segments=i).segments for i in range(1, 8)}
    pages = list(REPORT.pages(texts.viewer(rex), texts.MARCH, {}, 3))
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    assert {row[7].value for page in pages for row in page.rows} == made


@pytest.mark.parametrize("number_of_texts", [1, 30])
def test_page_is_one_query(
    number_of_texts: int, rex: User, dana: Any, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number_of_texts):
        texts.text(dana, state="received", author=rex)
    viewer = texts.viewer(rex)
    assert viewer.can("read_reports")
    with django_assert_num_queries(1):
        assert len(REPORT.page(viewer, texts.MARCH).rows) == number_of_texts
    with django_assert_num_queries(1):
        REPORT.summary(viewer, texts.MARCH)
