"""Which numbers there are and what each may send, in segments a second."""

from typing import Final

MOST: Final = 1_000


def allowance_of(i: int) -> float:
    """Of number ``i`` from 0: of a hundred, 94 long codes, 3 toll-free, 3 registered ones."""
    place = i % 100
    if place < 94:
        return 1.0
    return {94: 3.0, 95: 3.0, 96: 3.0, 97: 3.75, 98: 3.75, 99: 12.0}[place]


def number_of(i: int) -> str:
    """A distinct one for each."""
    return f"+1{510 + i // 1_000}5559{i % 1_000:03d}"


def segments_of(place: int) -> int:
    """Texts have one to three segments, in turn."""
    return 1 + place % 3
