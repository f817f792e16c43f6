"""The providers there are, found by discovery."""

from functools import cache

from messaging.providers._provider import (
    Answer,
    Credentials,
    InboundText,
    Line,
    Outcome,
    Parcel,
    Provider,
    ReceiptRead,
    Received,
    Sent,
)
from textengage.lib.registry import discover

__all__ = [
    "Answer",
    "Credentials",
    "InboundText",
    "Line",
    "Outcome",
    "Parcel",
    "Provider",
    "ReceiptRead",
    "Received",
    "Sent",
    "all_providers",
    "get",
]


@cache
def all_providers() -> dict[str, Provider]:
    return discover("messaging.providers", Provider)  # type: ignore[type-abstract]


def get(code: str) -> Provider:
    """The provider of a code. Raises KeyError."""
    return all_providers()[code]
