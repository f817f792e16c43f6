"""Companies with many people, made once for a benchmark's database.

Of each company one candidate and one queued text come from the product's own verbs. All
other people are copies of that candidate (``bench.person`` says which), and every text that
a round queues is a copy of that text.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from types import MappingProxyType
from typing import Any, Final

from django.db import connection

from benchmarks import _copies, _numbers
from credits import ledger
from messaging.candidates.addresses import key_of
from messaging.conversations import threads
from messaging.dispatch import outbox
from messaging.dispatch.outbox import Draft
from textengage import cast
from textengage.cast import Company
from textengage.lib.scoping import across_customers, within

TEMPLATES: Final = {
    "candidate": "messaging_candidate",
    "address": "messaging_address",
    "consent": "messaging_consent",
    "conversation": "messaging_conversation",
    "message": "messaging_message",
    "purse": "credits_grant",
    "granted": "credits_ledgerentry",
}
BULKY: Final = (
    "messaging_candidate",
    "messaging_address",
    "messaging_consent",
    "messaging_conversation",
)
MANY: Final = 50_000
"""People from which on keys and indexes are made at the end."""
FASTEST: Final = "9999"
"""Segments a second: where a number's allowance is not what is measured."""

PERSON = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.person (
    customer_id uuid, n int, number text, address_key bytea,
    candidate_id uuid DEFAULT gen_random_uuid(), address_id uuid DEFAULT gen_random_uuid(),
    conversation_id uuid DEFAULT gen_random_uuid(), contact_key uuid DEFAULT gen_random_uuid(),
    PRIMARY KEY (customer_id, n)
);
CREATE TABLE IF NOT EXISTS bench.queued (id uuid);
"""
INDEXES = """
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index i WHERE indrelid = ANY(%s::text[]::regclass[])
  AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)
"""
KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
        pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::text[]::regclass[])
"""


def populate(
    company: Company, people: int, threads_as: Mapping[str, str] = MappingProxyType({})
) -> None:
    """Give a company enough contacts, its templates and so many people.

    ``threads_as``: expressions over the person ``p`` for columns of their threads.

    The template person's own texts stay queued until a round empties the tables.
    """
    author = next(iter(company.people.values()))
    with across_customers():
        ledger.grant(company.customer, 100 * people, by=None, note="For measuring")
    dana = cast.dana(company)
    with within(company.customer):
        thread = threads.open_with(dana, by=author)
        outbox.send(Draft(conversation=thread, body="to be copied"), by=author)
    with connection.cursor() as cursor:
        cursor.execute(PERSON)
        for name, table in TEMPLATES.items():
            _keep_template(cursor, name, table, company)
        cursor.execute("UPDATE messaging_sender SET segments_per_second = %s", [FASTEST])
        _write_people(cursor, company, people)
        with bare(cursor, BULKY) if people > MANY else nullcontext():
            _copy_people(cursor, company, threads_as)


def _keep_template(cursor: Any, name: str, table: str, company: Company) -> None:
    cursor.execute(f"CREATE TABLE IF NOT EXISTS bench.{name} (LIKE {table})")
    cursor.execute(
        f"INSERT INTO bench.{name} SELECT * FROM {table} WHERE customer_id = %s",  # noqa: S608
        [company.customer.id],
    )


def _write_people(cursor: Any, company: Company, people: int) -> None:
    with cursor.copy("COPY bench.person (customer_id, n, number, address_key) FROM STDIN") as copy:
        for n in range(1, people + 1):
            number = _numbers.person(n)
            copy.write_row((company.customer.id, n, number, key_of("sms", number)))


def _copy_people(cursor: Any, company: Company, threads_as: Mapping[str, str]) -> None:
    for name, over in {
        "candidate": {"id": "p.candidate_id", "contact_key": "p.contact_key",
                      "last_name": "'Kim ' || p.n"},
        "address": {"id": "p.address_id", "candidate_id": "p.candidate_id", "address": "p.number",
                    "raw": "p.number", "address_key": "p.address_key"},
        "consent": {"id": "gen_random_uuid()", "candidate_id": "p.candidate_id"},
        "conversation": {"id": "p.conversation_id", "candidate_id": "p.candidate_id", **threads_as},
    }.items():  # fmt: skip
        cursor.execute(
            f"{_copies.insert(cursor, TEMPLATES[name], over)} FROM bench.person p"
            f" JOIN bench.{name} t ON t.customer_id = p.customer_id"
            " WHERE p.customer_id = %s ORDER BY p.n",
            [company.customer.id],
        )
    cursor.execute(
        "INSERT INTO credits_contactwindow (customer_id, contact_key)"
        " SELECT customer_id, contact_key FROM bench.person WHERE customer_id = %s ORDER BY n",
        [company.customer.id],
    )


@contextmanager
def bare(cursor: Any, tables: Sequence[str]) -> Iterator[None]:
    """Without keys and indexes meanwhile: made at once at the end they cost a fraction."""
    again: list[str] = []
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for question in (KEYS, INDEXES):
        cursor.execute(question, [list(tables)])
        for drop, make in cursor.fetchall():
            cursor.execute(drop)
            again.insert(0, make)
    yield
    for make in again:
        cursor.execute(make)
