"""Many at once, each on a database connection of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

from textengage.lib.scoping import across_customers

T = TypeVar("T")


def race(times: int, work: Callable[[int], T]) -> list[T | Exception]:
    """Run ``work(0)`` … ``work(times - 1)`` at once; what each returned or raised, in order.

    Needs the fixture ``committed``: nobody sees what is not committed.
    """
    start = threading.Barrier(times)

    def run(number: int) -> T | Exception:
        try:
            with across_customers():
                start.wait(20)
                return work(number)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def kinds(results: list[T | Exception]) -> dict[str, int]:
    """How often each kind of result came: the name of its type, or a refusal's code."""
    counted: dict[str, int] = {}
    for result in results:
        name = str(getattr(result, "code", type(result).__name__))
        counted[name] = counted.get(name, 0) + 1
    return counted
