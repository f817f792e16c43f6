"""Statements of our own, in one line each: sets in, rows out."""

from typing import Any
from uuid import UUID

from django.db import connection


def rows(statement: str, *parameters: Any, **named: Any) -> list[tuple[Any, ...]]:
    """Run a statement on the current connection, with one kind of parameters; return every row."""
    with connection.cursor() as cursor:
        cursor.execute(statement, named or [_literal(each) for each in parameters])
        return list(cursor.fetchall())


def run(statement: str, *parameters: Any) -> int:
    """Run a statement that returns no rows; returns how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, [_literal(each) for each in parameters])
        changed: int = cursor.rowcount
    return changed


def _literal(parameter: Any) -> Any:
    """Long lists of ids and words as PostgreSQL writes arrays.

    The driver takes several times as long to write them, element by element.
    """
    if not isinstance(parameter, list) or not parameter:
        return parameter
    kinds = set(map(type, parameter))
    if kinds == {UUID}:
        return "{" + ",".join(map(str, parameter)) + "}"
    if kinds == {str}:
        return "{" + ",".join(map(_quoted, parameter)) + "}"
    return parameter


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
