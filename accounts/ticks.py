"""Each slot of the timetable done once, however many beats call it."""

from datetime import datetime, timedelta

from textengage.lib import clock, sql

CLAIM = "INSERT INTO accounts_tick (job, slot, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"


def claim(job: str, every: timedelta) -> datetime | None:
    """The current slot's start if nobody has claimed it yet, otherwise None."""
    now = clock.now()
    seconds = int(every.total_seconds())
    slot = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)
    return slot if sql.run(CLAIM, job, slot, now) else None
