"""Statements of our own, in one line each: sets in, rows out."""

from typing import Any

from django.db import connection


def rows(statement: str, *parameters: Any, **named: Any) -> list[tuple[Any, ...]]:
    """Run a statement on the current connection, with one kind of parameters; return every row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, named or parameters)
        return list(cursor.fetchall())


def run(statement: str, *parameters: Any) -> int:
    """Run a statement that returns no rows; returns how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        changed: int = cursor.rowcount
    return changed
