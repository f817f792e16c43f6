"""What every channel declares: facts only, no rows, no jobs, no money."""

from collections.abc import Callable
from dataclasses import dataclass


class Unreadable(ValueError):
    """An address that no provider could reach; the message says why, for the person."""


@dataclass(frozen=True, slots=True)
class ReadAddress:
    """An address in the form it is stored and compared in.

    ``region`` is ISO 3166-1 alpha-2 or empty; ``type`` is the kind of line.
    """

    address: str
    region: str
    type: str


@dataclass(frozen=True, slots=True)
class Channel:
    """One way of texting. A new channel is one new file in this folder."""

    code: str
    label: str
    product: str
    provider: str
    max_characters: int
    read: Callable[[str, str], ReadAddress]
    """(what was typed, default country) to an address. Raises Unreadable."""
    wire: Callable[[str], str]
    """The address as the provider wants it."""
