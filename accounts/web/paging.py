"""Where a page of rows ended, as written in an address: an instant and an id, no names."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Cursor = tuple[datetime, UUID]


def write(cursor: Cursor | None) -> str:
    """A cursor for an address; empty for none."""
    if cursor is None:
        return ""
    at, id = cursor
    return f"{(at - EPOCH) // timedelta(microseconds=1)}-{id.hex}"


def read(text: str) -> Cursor | None:
    """The cursor an address carries; anything else means the first page."""
    microseconds, _, id = text.partition("-")
    try:
        return EPOCH + timedelta(microseconds=int(microseconds)), UUID(hex=id)
    except (ValueError, OverflowError):
        return None
