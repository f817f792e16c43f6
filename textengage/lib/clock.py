"""The one clock: PostgreSQL's, with an offset that exists only in test databases.

Nothing else in the product asks for the present. A web host or a worker with a wrong
clock therefore changes no decision (RELIABILITY section 6, row 28).
"""

from datetime import datetime, timedelta

from django.db.models import DateTimeField, Func

from textengage.lib import sql

FUNCTION = """
CREATE TABLE app_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    shift interval NOT NULL
);
CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS
$$ SELECT clock_timestamp() + coalesce((SELECT shift FROM app_clock), interval '0') $$;
"""
FUNCTION_REVERSE = "DROP FUNCTION app_now(); DROP TABLE app_clock;"


class AppNow(Func):
    """``app_now()`` inside a query or as a column's default in the database."""

    function = "app_now"
    template = "%(function)s()"
    output_field = DateTimeField()


def now() -> datetime:
    """The present, in UTC, by the database's clock. Costs one query."""
    ((instant,),) = sql.rows("SELECT app_now()")
    assert isinstance(instant, datetime)
    return instant


def shift(by: timedelta) -> None:
    """Move the clock. Only test, storm and benchmark databases may hold this row."""
    sql.run(
        "INSERT INTO app_clock (shift) VALUES (%s)"
        " ON CONFLICT (only_row) DO UPDATE SET shift = excluded.shift",
        by,
    )
