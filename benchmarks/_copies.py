"""Rows made as copies of a template row, with a few expressions in place of its columns."""

from collections.abc import Mapping
from typing import Any

COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0
  AND NOT attisdropped AND attgenerated = '' AND attidentity = '' ORDER BY attnum
"""


def insert(cursor: Any, table: str, over: Mapping[str, str]) -> str:
    """SQL up to FROM, where the template row is called ``t``."""
    cursor.execute(COLUMNS, [table])
    names = [name for (name,) in cursor.fetchall()]
    values = ", ".join(over.get(name, f"t.{name}") for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} "
