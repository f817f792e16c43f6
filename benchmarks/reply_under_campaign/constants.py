"""What the parts of this benchmark agree on."""

from typing import Final

REPLY_PEOPLE: Final = 1_000
"""Of each customer; those of Acme's campaign come after them."""
POOL: Final = 20


def pool_number_of(i: int) -> str:
    """Of the numbers that only the campaign uses, from 0."""
    return f"+1510555{9_000 + i}"
