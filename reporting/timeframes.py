"""From when to when a report looks: whole days of the account's time zone, half-open."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

LAST_30: Final = "last-30-days"
LAST_90: Final = "last-90-days"
ALL_TIME: Final = "all-time"
CUSTOM: Final = "custom"
TITLES: Final = {
    LAST_30: "Last 30 Days",
    LAST_90: "Last 90 Days",
    ALL_TIME: "All Time",
    CUSTOM: "Custom",
}
DAYS: Final = {LAST_30: 30, LAST_90: 90}

# Days outside are typing errors, and a few would leave the calendar of the database.
FIRST_POSSIBLE: Final = date(2000, 1, 1)
LAST_POSSIBLE: Final = date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Timeframe:
    """The instants from ``since`` (included) to ``until`` (excluded); None is open."""

    since: datetime | None = None
    until: datetime | None = None
    code: str = CUSTOM

    def days(self, zone: tzinfo) -> tuple[date | None, date | None]:
        """The first and the last day it touches, as people of a time zone count them."""
        since, until = self.since, self.until
        return (
            since.astimezone(zone).date() if since else None,
            (until.astimezone(UTC) - timedelta(microseconds=1)).astimezone(zone).date()
            if until
            else None,
        )

    def before(self, zone: tzinfo) -> "Timeframe | None":
        """As many days just before, or None when it has no beginning or no end."""
        first, last = self.days(zone)
        if first is None or last is None:
            return None
        length = last - first + timedelta(days=1)
        earlier = first - length
        if earlier < FIRST_POSSIBLE:
            return None
        return between(earlier, first - timedelta(days=1), zone)


def named(code: str, zone: tzinfo, now: datetime) -> Timeframe:
    """One of the standing timeframes: today and the days before it, or everything.

    Raises KeyError for `CUSTOM`, which needs its days: see `between`.
    """
    if code == ALL_TIME:
        return Timeframe(code=ALL_TIME)
    today = now.astimezone(zone).date()
    frame = between(today - timedelta(days=DAYS[code] - 1), today, zone)
    return Timeframe(frame.since, frame.until, code)


def between(first: date, last: date, zone: tzinfo) -> Timeframe:
    """From the midnight that begins one day to the midnight that ends another."""
    return Timeframe(_midnight(first, zone), _midnight(last + timedelta(days=1), zone))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone)
