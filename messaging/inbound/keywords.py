"""Words that are orders, not conversation: STOP, START, HELP and their families.

Only a text that is nothing but the word counts, after folding case, width, punctuation,
quotes, emoji and invisible characters away (RULES 4.4).
"""

import json
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("words.json")
LONGEST: Final = 1_600
"""Characters of an SMS: a stop word with a hundred exclamation marks is still one."""
KEPT: Final = ("L", "N", "Z")
"""Unicode classes that carry meaning here: letters, digits, spaces."""


@cache
def words() -> dict[str, str]:
    """Every word with what it orders: stop, start or help."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    return {fold(word): order for order in ("stop", "start", "help") for word in data[order]}


def order_in(text: str) -> str | None:
    """``stop``, ``start`` or ``help`` when the whole text is such a word, else None."""
    return words().get(fold(text)) if len(text) <= LONGEST else None


def fold(text: str) -> str:
    """The text reduced to lower-case letters, digits and single spaces."""
    wide = unicodedata.normalize("NFKC", text).casefold()
    spaced = "".join(" " if char in "-\n\r\t" else char for char in wide)
    kept = (char for char in spaced if unicodedata.category(char)[0] in KEPT)
    return " ".join("".join(kept).split())
