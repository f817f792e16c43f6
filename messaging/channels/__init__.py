"""The channels there are, found by discovery."""

from functools import cache

from messaging.channels._channel import Channel, ReadAddress, Unreadable
from textengage.lib.registry import discover

__all__ = ["Channel", "ReadAddress", "Unreadable", "all_channels", "get"]


@cache
def all_channels() -> dict[str, Channel]:
    return discover("messaging.channels", Channel)


def get(code: str) -> Channel:
    """The channel of a code. Raises KeyError."""
    return all_channels()[code]
