from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from reporting import timeframes
from reporting.timeframes import Timeframe

NEW_YORK = ZoneInfo("America/New_York")


def test_last_30_days_are_today_and_29_days_before_it() -> None:
    frame = timeframes.named("last-30-days", NEW_YORK, datetime(2025, 3, 21, 1, tzinfo=UTC))
    assert frame.days(NEW_YORK) == (date(2025, 2, 19), date(2025, 3, 20))
    # Winter time at one end, summer time at the other.
    assert frame.since == datetime(2025, 2, 19, 5, tzinfo=UTC)
    assert frame.until == datetime(2025, 3, 21, 4, tzinfo=UTC)


def test_last_90_days_are_90() -> None:
    frame = timeframes.named("last-90-days", NEW_YORK, datetime(2025, 6, 30, 12, tzinfo=UTC))
    assert frame.days(NEW_YORK) == (date(2025, 4, 2), date(2025, 6, 30))


def test_all_time_is_open_and_has_nothing_before() -> None:
    frame = timeframes.named("all-time", NEW_YORK, datetime(2025, 6, 30, tzinfo=UTC))
    assert (frame.since, frame.until, frame.before(NEW_YORK)) == (None, None, None)


def test_before_is_as_many_days() -> None:
    frame = timeframes.between(date(2025, 3, 8), date(2025, 3, 10), NEW_YORK)
    assert frame.before(NEW_YORK) == timeframes.between(
        date(2025, 3, 5), date(2025, 3, 7), NEW_YORK
    )


def test_before_ends_where_the_calendar_begins() -> None:
    frame = timeframes.between(date(2000, 1, 1), date(2000, 1, 2), NEW_YORK)
    assert frame.before(NEW_YORK) is None


@pytest.mark.parametrize(
    ("until", "last"),
    [
        (datetime(2025, 3, 9, 5, tzinfo=UTC), date(2025, 3, 8)),
        (datetime(2025, 3, 9, 5, 0, 0, 1, tzinfo=UTC), date(2025, 3, 9)),
    ],
)
def test_days_leave_out_the_instant_that_ends(until: datetime, last: date) -> None:
    assert Timeframe(until=until).days(NEW_YORK) == (None, last)
