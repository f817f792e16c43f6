"""Running many interleavings in several processes, with a database each."""

import importlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from tests.storm.machine import databases

EXPECTED: Final = frozenset(
    (
        "answer", "apply", "at_the_answer", "at_the_door", "boundary:reached", "cancel", "claim",
        "die", "finish", "forge", "grant", "license", "press_send", "put", "queue", "race",
        "race:rivals", "reconcile", "report", "send_all", "settle", "staff_stop", "start",
        "stray", "sweep", "text_in", "text_in_while_busy", "wait",
    )
)  # fmt: skip
"""What even a short run must have done; what was never done was not examined."""
RARE: Final = frozenset(
    (
        "answer:hidden", "answer:suspended", "die:accepted", "die:answered", "give_back",
        "send_again", "settle_again", "unpause", "answer:apply", "answer:reconcile",
        "answer:sweep", "door:cancel", "door:stop", "door:sweep", "race:claimxclaim",
        "race:claimxstop", "race:startxstop",
    )
)  # fmt: skip
"""What a long one must have done too."""
LONG: Final = 2_000


def unheard_of(ran: Mapping[str, int]) -> set[str]:
    """Rules that a run of this length should have applied and did not."""
    expected = EXPECTED | (RARE if ran.get("interleavings", 0) >= LONG else frozenset())
    return {name for name in expected if not ran.get(name)}


class Failed(AssertionError):
    """A schedule broke a promise. The text says which, and how to see it again."""


def run(count: int, seed: int, *, processes: int = 2, label: str = "") -> dict[str, int]:
    """Run so many interleavings; returns how many ran and how often each rule did.

    Raises Failed for the first that breaks something.
    """
    if not os.environ.get("DATABASE_URL"):
        # Nobody has named a server: the tests' own.
        importlib.import_module("tests.environment")
    share = -(-count // processes)
    with databases.clones(processes, label) as urls:
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.storm.machine", "--work",
                 "--count", str(share), "--seed", str(seed + number * 1_000_000)],
                env=databases.environment(url), cwd=databases.ROOT, stdout=subprocess.PIPE,
                text=True,
            )
            for number, url in enumerate(urls)
        ]  # fmt: skip
        try:
            said = [worker.communicate()[0] for worker in workers]
        finally:
            for worker in workers:
                worker.kill()
    total: Counter[str] = Counter()
    for text, worker in zip(said, workers, strict=True):
        if worker.returncode:
            raise Failed(text[-6000:])
        total.update(json.loads(text.splitlines()[-1]))
    if total["interleavings"] < count:
        raise Failed(f"only {total['interleavings']} of {count} interleavings ran")
    if count >= LONG and (never := unheard_of(total)):
        raise Failed(f"nothing was seen of {sorted(never)}")
    return dict(sorted(total.items()))


def timed(count: int, first_seed: int, processes: int) -> dict[str, Any]:
    """`run` with its pace."""
    began = time.monotonic()
    ran = run(count, first_seed, processes=processes)
    seconds = time.monotonic() - began
    return ran | {"seed": first_seed, "seconds": round(seconds, 1)}
