"""Making a failing list of steps short: any list of steps is a schedule."""

from collections.abc import Callable
from typing import Any, Final

Steps = list[tuple[str, dict[str, Any]]]
MOST_TRIES: Final = 150


def shrink(steps: Steps, fails: Callable[[Steps], bool]) -> Steps:
    """Leave steps out, many at once and then one by one, as long as it still fails."""
    tries = 0
    size = max(1, len(steps) // 2)
    while size:
        at = 0
        while at < len(steps) and tries < MOST_TRIES:
            shorter = steps[:at] + steps[at + size :]
            tries += 1
            if shorter and fails(shorter):
                steps = shorter
            else:
                at += size
        size //= 2
    return steps
