"""A pause as the admin's lists say it."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime


def said(reason: str, until: datetime | None) -> str:
    """ "Paused until Mar 3, 2:05 PM: The carrier's queue is full"."""
    ends = f" until {date_format(localtime(until), 'M j, g:i A')}" if until else ""
    return f"Paused{ends}: {reason}"
