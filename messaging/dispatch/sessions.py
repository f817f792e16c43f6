"""The pump's database sessions: one for each of its threads, kept while it is good."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from django.db import connection

from textengage.lib import sql
from textengage.lib.scoping import across_customers

T = TypeVar("T")

LONGEST_PAUSE: Final = "2s"
"""Between two statements of a transaction. A suspended worker must not keep its locks: a STOP
has to act within 5 s."""


def work_in(work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    """Run on a database thread: every customer in view, a broken connection dropped."""
    connection.close_at = None  # Django would close it after every piece of work.
    connection.close_if_unusable_or_obsolete()
    if connection.connection is None:
        connection.ensure_connection()
        sql.run("SET idle_in_transaction_session_timeout = %s", LONGEST_PAUSE)
    with across_customers():
        return work(*arguments)


def hang_up() -> None:
    """Close the session of the thread that runs this."""
    connection.close()
