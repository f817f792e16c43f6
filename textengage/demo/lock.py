"""At most one demo per folder of data."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from textengage.demo.options import Plan


class Stopped(Exception):
    """The demo ends; the reason is for people, empty when they asked for it."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


@contextmanager
def only_one(plan: Plan) -> Iterator[None]:
    """Holds the folder. Raises Stopped with the address of the demo that has it."""
    plan.var.mkdir(parents=True, exist_ok=True)
    with open(plan.var / "demo.lock", "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise Stopped(f"This checkout's demo already runs: {file.read().strip()}") from None
        file.truncate(0)
        file.write(f"{plan.address}\n")
        file.flush()
        yield
