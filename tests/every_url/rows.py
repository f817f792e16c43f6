"""The rows of every table: whether a request changed any, and what it did to them."""

import json
import re
from collections import Counter
from typing import Any, Final

from django.db import connection

from tests.every_url.asking import MAY_CHANGE, UUID_TEXT

MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.+:\d]*")
DRAWN: Final = re.compile(r'"(id|row|version|password|sealed_token)": ("[^"]*"|\d+)')
"""Numbers and secrets that are new each time."""
Rows = Counter[str]


def tables() -> list[str]:
    found: list[str] = connection.introspection.table_names()
    return sorted(set(found) - set(MAY_CHANGE))


def digest() -> tuple[Any, ...]:
    """A number of rows and a sum over their contents for every table."""
    each = " UNION ALL ".join(
        f"SELECT '{table}', count(*), sum(hashtextextended(t::text, 0)) FROM {table} t"  # noqa: S608
        for table in tables()
    )
    with connection.cursor() as cursor:
        cursor.execute(each)
        return tuple(sorted(cursor.fetchall()))


def everything() -> Rows:
    """Every row of every table as text."""
    found: Rows = Counter()
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t")  # noqa: S608
            for (row,) in cursor.fetchall():
                text = row if isinstance(row, str) else json.dumps(row, sort_keys=True)
                found[f"{table} {text}"] += 1
    return found


def effect(before: Rows, after: Rows, known: frozenset[Any]) -> list[str]:
    """What changed, with new ids and moments taken out, so that two effects compare."""

    def plain(row: str) -> str:
        kept = UUID_TEXT.sub(lambda m: m[0] if m[0] in known else "<new>", row)
        return DRAWN.sub(r'"\1": 0', MOMENT.sub("<moment>", kept))

    gone = sorted(plain(row) for row in (before - after).elements())
    made = sorted(plain(row) for row in (after - before).elements())
    return [f"- {row}" for row in gone] + [f"+ {row}" for row in made]
