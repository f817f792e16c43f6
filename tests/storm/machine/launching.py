"""Running many interleavings in several processes, with a database each."""

import importlib
import json
import os
import subprocess
import sys
import time
from collections import Counter
from typing import Any

from tests.storm.machine import databases


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
    return dict(sorted(total.items()))


def timed(count: int, first_seed: int, processes: int) -> dict[str, Any]:
    """`run` with its pace."""
    began = time.monotonic()
    ran = run(count, first_seed, processes=processes)
    seconds = time.monotonic() - began
    return ran | {"seed": first_seed, "seconds": round(seconds, 1)}

