"""Spreadsheet cells that cannot act: RELIABILITY section 5, threat 7."""

ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def inert(value: object) -> str:
    """A cell's text with a leading apostrophe where a spreadsheet would compute it."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(ACTIVE) else text
