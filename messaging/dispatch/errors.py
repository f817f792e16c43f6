"""What a provider's error code means for us: an action and a sentence (RULES 4.3)."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("errors.json")


@dataclass(frozen=True, slots=True)
class Meaning:
    """``action`` is final, later, unusable, opt_out or pause_account; at most 90 characters."""

    action: str
    sentence: str


@cache
def known() -> dict[str, Meaning]:
    rows = json.loads(FILE.read_text(encoding="utf-8"))["codes"]
    return {code: Meaning(**row) for code, row in rows.items()}


def meaning_of(code: str) -> Meaning:
    """An unknown code is final and shown as it is: never a crash, never a blind retry."""
    return known().get(code) or Meaning("final", f"The carrier refused it (code {code or '?'}).")
