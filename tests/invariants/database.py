"""Taking a fence of the database away, inside a test's transaction.

Most violations cannot be written while the constraints stand. The audit exists for the
day on which one of them is missing.
"""

from django.db import connection

FIND = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname)
FROM pg_constraint WHERE conname = %s
UNION ALL
SELECT format('DROP INDEX %%I', indexname) FROM pg_indexes
WHERE indexname = %s AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
"""


def drop(name: str) -> None:
    """Drop a constraint or a unique index by its name."""
    with connection.cursor() as cursor:
        # A table with checks still waiting for the commit cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(FIND, [name, name])
        ((statement,),) = cursor.fetchall()
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def allow_change(table: str) -> None:
    """Switch off the trigger that makes a table append-only."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
