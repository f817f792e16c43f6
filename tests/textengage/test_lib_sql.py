"""Lists reach PostgreSQL as they are, whatever their words hold."""

from uuid import UUID

import pytest

from textengage.lib import sql
from textengage.lib.ids import new_id

WORDS = [
    "",
    " ",
    "NULL",
    "null",
    "{}",
    '"',
    "\\",
    '\\"',
    "a,b",
    "%s",
    "'",
    "line\nbreak",
    "\ud55c 🙂",
]


@pytest.mark.django_db
def test_words_arrive_as_they_are() -> None:
    statement = "SELECT w FROM unnest(%s::text[]) WITH ORDINALITY AS t (w, n) ORDER BY n"
    found = sql.rows(statement, WORDS)
    assert [word for (word,) in found] == WORDS


@pytest.mark.django_db
@pytest.mark.parametrize("ids", [[], [new_id()], [new_id(), new_id()]])
def test_ids_arrive_as_they_are(ids: list[UUID]) -> None:
    found = sql.rows("SELECT i FROM unnest(%s::uuid[]) WITH ORDINALITY AS t (i, n) ORDER BY n", ids)
    assert [id for (id,) in found] == ids


@pytest.mark.django_db
@pytest.mark.parametrize("mixed", [[None, new_id()], [1, 2], [1.5, None]])
def test_other_lists_are_left_to_the_driver(mixed: list[object]) -> None:
    ((count,),) = sql.rows("SELECT cardinality(%s)", mixed)
    assert count == 2
