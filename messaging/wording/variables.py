"""Merge variables: ``$firstName`` and friends, filled in one pass, never evaluated.

A variable is one function here. ``$name(there)`` gives a fallback. A ``$`` before a digit
or a space is plain text, an unknown ``$word`` is sent as written (UX section 5).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Facts:
    """What variables may draw on. Nothing else of any row can get into a text."""

    first_name: str = ""
    last_name: str = ""
    current_title: str = ""
    job: str = ""
    sender_first_name: str = ""
    sender_last_name: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """A text with its variables filled; ``missing`` had no value and no fallback."""

    text: str
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


VARIABLES: Final[dict[str, Callable[[Facts], str]]] = {
    "firstName": lambda facts: facts.first_name,
    "lastName": lambda facts: facts.last_name,
    "currentTitle": lambda facts: facts.current_title,
    "job": lambda facts: facts.job,
    "myFirstName": lambda facts: facts.sender_first_name,
    "myLastName": lambda facts: facts.sender_last_name,
    "company": lambda facts: facts.company,
}
# One bounded pattern without nesting; the fallback ends at the first closing bracket.
PATTERN: Final = re.compile(r"\$([A-Za-z][A-Za-z0-9]{0,30})(?:\(([^()$\n]{0,80})\))?")


def fill(text: str, facts: Facts) -> Filled:
    """Replace every known variable once. Values are never scanned again."""
    missing: list[str] = []
    unknown: list[str] = []

    def value(match: re.Match[str]) -> str:
        name, fallback = match.group(1), match.group(2)
        if name not in VARIABLES:
            unknown.append(name)
            return match.group(0)
        found = VARIABLES[name](facts)
        if not found and fallback is None:
            missing.append(name)
        return found or fallback or ""

    filled = PATTERN.sub(value, text)
    return Filled(filled, tuple(missing), tuple(unknown))
