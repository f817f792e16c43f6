from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits import rules

LAST = datetime(2026, 11, 1, 12, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
INSTANTS = st.datetimes(
    datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)
)  # fmt: skip


@pytest.mark.parametrize(
    ("gap", "due"),
    [
        (timedelta(0), False),
        (timedelta(days=45) - MICROSECOND, False),
        (timedelta(days=45), False),
        (timedelta(days=45) + MICROSECOND, True),
        (timedelta(days=400), True),
    ],
)
def test_contact_is_due_after_more_than_45_days(gap: timedelta, due: bool) -> None:
    assert rules.is_due(LAST, LAST + gap) is due


def test_contact_is_due_for_a_first_text() -> None:
    assert rules.is_due(None, LAST) is True


@pytest.mark.parametrize("day", [datetime(2026, 9, 25, 12), datetime(2027, 2, 20, 12)])
def test_45_days_are_as_long_across_a_change_of_clocks(day: datetime) -> None:
    last = day.replace(tzinfo=ZoneInfo("America/New_York"))
    limit = last.astimezone(UTC) + timedelta(seconds=3_888_000)
    assert limit.astimezone(last.tzinfo).hour != 12
    assert [rules.is_due(last.astimezone(UTC), at) for at in (limit, limit + MICROSECOND)] == [
        False,
        True,
    ]


def test_free_until_is_the_last_free_instant() -> None:
    until = rules.free_until(LAST)
    assert until == datetime(2026, 12, 16, 12, tzinfo=UTC)
    assert [rules.is_due(LAST, until), rules.is_due(LAST, until + MICROSECOND)] == [False, True]


def test_reason_says_why() -> None:
    assert rules.reason(None, LAST) == "first message"
    assert rules.reason(LAST, LAST + timedelta(days=46, hours=3)) == "last message 46 days ago"


@given(last=INSTANTS, seconds=st.integers(0, 10_000_000))
def test_due_agrees_with_free_until(last: datetime, seconds: int) -> None:
    at = last + timedelta(seconds=seconds)
    assert rules.is_due(last, at) is (at > rules.free_until(last)) is (seconds > 3_888_000)
