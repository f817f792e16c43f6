"""The shape of the matrix: an address, and for each method who may use it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PAGE, ADMIN, API = "page", "admin", "api"


@dataclass(frozen=True)
class Cell:
    """What one method does for those who may use it.

    ``shows`` names the kind of row whose canary is in the answer, ``body`` what is posted.
    ``absent`` is the status when the row is another customer's or does not exist.
    ``otherwise`` are statuses of those who come as far and are refused, nothing written.
    """

    who: frozenset[str]
    status: int = 200
    shows: str = ""
    body: str = ""
    changes: bool = False
    absent: int = 404
    otherwise: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One pattern of the URLconf with the methods it answers; all others are refused.

    ``objects`` says which kind of row each part of the address is the id of, ``fixed``
    what the other parts are. A personal row is absent for colleagues, too. ``sample`` is
    an address for a pattern that cannot be written with parts, ``fragment`` the part of an
    open page that htmx asks for.
    """

    pattern: str
    surface: str
    cells: Mapping[str, Cell]
    objects: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    is_personal: bool = False
    sample: str = ""
    fragment: str = ""

    def __str__(self) -> str:
        return " ".join([self.pattern, *self.fixed.values(), self.fragment]).strip()


SAFE: Final = ("GET", "HEAD", "OPTIONS")
