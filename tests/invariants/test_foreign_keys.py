"""Every pointer between two rows of a customer is held by the database itself."""

from django.db import connection

from textengage.invariants import foreign_keys

COMPOSITE = """
SELECT c.conrelid::regclass::text, child.attname, c.confrelid::regclass::text
FROM pg_constraint c
JOIN pg_attribute child ON child.attrelid = c.conrelid AND child.attnum = c.conkey[2]
JOIN pg_attribute ours ON ours.attrelid = c.conrelid AND ours.attnum = c.conkey[1]
JOIN pg_attribute parent ON parent.attrelid = c.confrelid AND parent.attnum = c.confkey[2]
JOIN pg_attribute theirs ON theirs.attrelid = c.confrelid AND theirs.attnum = c.confkey[1]
WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND c.convalidated
    AND ours.attname = 'customer_id' AND theirs.attname = 'customer_id' AND parent.attname = 'id'
"""


def test_every_pointer_between_owned_rows_has_its_composite_key(db: None) -> None:
    pointers = {(key.child, key.column, key.parent) for key in foreign_keys.between_owned_rows()}
    with connection.cursor() as cursor:
        cursor.execute(COMPOSITE)
        held = set(cursor.fetchall())
    assert pointers == held


def test_introspection_finds_pointers_of_every_app() -> None:
    found = {(key.child, key.column) for key in foreign_keys.between_owned_rows()}
    assert found >= {
        ("accounts_team", "parent_id"),
        ("credits_ledgerentry", "reverses_id"),
        ("messaging_message", "conversation_id"),
        ("reporting_export", "file_id"),
    }
