"""Instants and spans as people say them, in the account's time zone."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.timezone import localtime

LATE: Final = timedelta(hours=4)
"""A wait longer than this turns red."""


def span(length: timedelta) -> str:
    """ "2 min", "3 h", "2 d"."""
    minutes = max(0, int(length.total_seconds()) // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 60 * 24:
        return f"{minutes // 60} h"
    return f"{minutes // (60 * 24)} d"


def wait(length: timedelta) -> str:
    """How long somebody has waited: at least a minute, because nobody waits "now"."""
    return span(max(length, timedelta(minutes=1)))


def hour(at: datetime) -> str:
    """ "2:02 PM"."""
    local = localtime(at)
    return f"{local:%I}".lstrip("0") + f":{local:%M %p}"


def date(at: datetime) -> str:
    """ "Mar 3"."""
    local = localtime(at)
    return f"{local:%b} {local.day}"


def day(at: datetime, now: datetime) -> str:
    """ "Today", "Yesterday", "Tuesday, Mar 3", and the year when it is another one."""
    local, today = localtime(at), localtime(now)
    days = (today.date() - local.date()).days
    if days == 0:
        return "Today"
    if days == 1:
        return "Yesterday"
    year = f", {local.year}" if local.year != today.year else ""
    return f"{local:%A}, {date(at)}{year}"


def when(at: datetime, now: datetime) -> str:
    """ "2:02 PM" today, else "Thu 9:00 AM" within a week, else "Mar 3, 9:00 AM"."""
    local, today = localtime(at), localtime(now)
    days = abs((local.date() - today.date()).days)
    if days == 0:
        return hour(at)
    return f"{local:%a} {hour(at)}" if days < 7 else f"{date(at)}, {hour(at)}"
