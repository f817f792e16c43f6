"""A time zone as people say it, for the places where a page names it once."""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

# What North America calls its zones; elsewhere people name the place.
WINTER: Final = datetime(2025, 1, 1, 12, tzinfo=UTC)
SPOKEN: Final = {
    "AST": "Atlantic Time",
    "EST": "Eastern Time",
    "CST": "Central Time",
    "MST": "Mountain Time",
    "PST": "Pacific Time",
    "AKST": "Alaska Time",
    "HST": "Hawaii Time",
}
HOME: Final = ("America", "Canada", "US")


def spoken(zone: str) -> str:
    """ "Eastern Time" for America/New_York, "London time" for Europe/London, and UTC."""
    now = WINTER.astimezone(ZoneInfo(zone))
    area, _, place = zone.rpartition("/")
    short = now.tzname() or ""
    if area.partition("/")[0] in HOME or short in ("AKST", "HST"):
        known = SPOKEN.get(short)
        if known:
            return known
    if area and area != "Etc":
        return f"{place.replace('_', ' ')} time"
    return f"UTC{short}" if short[:1] in ("+", "-") else short
