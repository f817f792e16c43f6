"""Invariants that are SQL: the files beside this one.

A file may begin with common table expressions that all of its invariants read. Then, for
each: ``-- CODE: meaning``, ``-- examined`` and a count, ``-- violations`` and a query of
one column, a row per violation. ``%(now)s`` is the present; other percent signs are doubled.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import connection

from textengage.invariants.finding import SHOWN, Finding, Invariant

FILES: Final = Path(__file__).parent
HEADING: Final = re.compile(r"^-- ([A-Z]\d+): (.+)\n-- examined\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Statement:
    """A pair of queries over the same rows."""

    before: str
    examined: str
    violations: str

    def __call__(self, now: datetime) -> Finding:
        # Our own files and model names make these statements, never input.
        ids = (
            f"{self.before} SELECT id::text, count(*) OVER ()"  # noqa: S608
            f" FROM (\n{self.violations}\n) AS found (id) ORDER BY 1 LIMIT {SHOWN}"
        )
        with connection.cursor() as cursor:
            cursor.execute(f"{self.before} {self.examined}", {"now": now})
            (examined,) = cursor.fetchone()
            cursor.execute(ids, {"now": now})
            rows = cursor.fetchall()
        return Finding(examined, rows[0][1] if rows else 0, [row[0] for row in rows])


def written() -> Iterator[Invariant]:
    """Every invariant of the SQL files."""
    for file in sorted(FILES.glob("*.sql")):
        before, *parts = HEADING.split(file.read_text(encoding="utf-8"))
        for code, meaning, queries in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            examined, violations = queries.split("-- violations\n")
            yield Invariant(code, meaning, Statement(before, examined, violations))
