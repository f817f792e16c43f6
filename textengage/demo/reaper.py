"""Ends the demo's programs when the supervisor itself was killed.

Reads `+pid` and `-pid` lines of process groups; the pipe's end means the supervisor is gone.
Standard library only: it is started by path, as `python -I reaper.py`.
"""

import os
import signal
import sys
import time
from contextlib import suppress

PATIENCE_SECONDS = 5


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when the pipe ends
    groups = read_groups()
    tell(groups, signal.SIGTERM)
    until = time.monotonic() + PATIENCE_SECONDS
    while any(lives(group) for group in groups) and time.monotonic() < until:
        time.sleep(0.1)
    tell(groups, signal.SIGKILL)


def read_groups() -> set[int]:
    groups: set[int] = set()
    for line in sys.stdin:
        change = groups.add if line[0] == "+" else groups.discard
        change(int(line[1:]))
    return groups


def lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def tell(groups: set[int], number: signal.Signals) -> None:
    for group in groups:
        with suppress(OSError):
            os.killpg(group, number)


if __name__ == "__main__":
    main()
