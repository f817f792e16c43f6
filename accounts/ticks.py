"""Each slot of the timetable done once, however many beats call it."""

from datetime import datetime, timedelta

from accounts.models import Tick
from textengage.lib import clock


def claim(job: str, every: timedelta) -> datetime | None:
    """The current slot's start if nobody has claimed it yet, otherwise None."""
    now = clock.now()
    seconds = int(every.total_seconds())
    slot = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, tz=now.tzinfo)
    made = Tick.objects.bulk_create([Tick(job=job, slot=slot, at=now)], ignore_conflicts=True)
    claimed = Tick.objects.filter(job=job, slot=slot, at=now).exists()
    return slot if made and claimed else None
