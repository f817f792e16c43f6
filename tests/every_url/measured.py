"""How much the walk examined when it was last measured. Less than nine tenths of it fails."""

from typing import Final

from tests.every_url import principals

ADDRESSES: Final = 122
WHAT: Final = ("probes", "allowed", "shown", "compared")
"""Requests; those that were let in; own canaries seen; pairs of answers that had to be alike."""
COUNTS: Final = {
    principals.SIGNED_OUT: (1299, 21, 0, 160),
    principals.DEACTIVATED: (1299, 21, 0, 160),
    principals.USER: (1299, 62, 23, 160),
    principals.UNLICENSED: (1299, 59, 23, 160),
    principals.REPORTER: (1299, 71, 27, 160),
    principals.MANAGER: (1299, 240, 68, 160),
    principals.CUSTOMER_ADMIN: (2156, 240, 68, 616),
    principals.STRANGER: (1299, 240, 68, 160),
    principals.STAFF: (1294, 314, 43, 59),
    principals.TOKEN: (1299, 36, 6, 160),
    principals.STRANGERS_TOKEN: (1299, 36, 6, 160),
    principals.UNLICENSED_TOKEN: (1299, 21, 0, 160),
    principals.LEFT: (1299, 21, 0, 160),
    principals.LEFT_TOKEN: (1299, 21, 0, 160),
}


def enough(number: int) -> int:
    return number * 9 // 10
