"""What the parts of this benchmark agree on."""

from typing import Final

TOKEN: Final = "the simulated carrier's token"  # noqa: S105 - it opens nothing else
PEOPLE: Final = 20_000


def number_of(n: int) -> str:
    """A distinct US number for each of the people, from 1: area codes times 555-01xx."""
    return f"+1{600 + n // 100}55501{n % 100:02d}"
