"""Fills the benchmark's database once.

One candidate and one queued text are made by the product's own verbs; the other 20,000
people are copies of that candidate, and every round's texts are copies of that text.
"""

from typing import Final

from django.db import connection, transaction

from benchmarks.dispatch.constants import PEOPLE, TOKEN, number_of
from credits import ledger
from messaging.candidates.addresses import key_of
from messaging.conversations import threads
from messaging.dispatch import outbox
from messaging.dispatch.outbox import Draft
from textengage import cast
from textengage.lib.scoping import within

UNHURRIED: Final = 9_999
"""Segments per second: the sender's allowance is not what is measured here."""
TEMPLATES: Final = {
    "candidate": "messaging_candidate",
    "address": "messaging_address",
    "consent": "messaging_consent",
    "conversation": "messaging_conversation",
    "message": "messaging_message",
    "contactwindow": "credits_contactwindow",
    "granted": "credits_ledgerentry",
    "purse": "credits_grant",
}

PEOPLE_TABLE = """
CREATE TABLE bench.person (
    n int PRIMARY KEY, number text, address_key bytea,
    candidate_id uuid DEFAULT gen_random_uuid(), address_id uuid DEFAULT gen_random_uuid(),
    conversation_id uuid DEFAULT gen_random_uuid(), contact_key uuid DEFAULT gen_random_uuid()
);
"""

COPIES = """
INSERT INTO messaging_candidate SELECT (jsonb_populate_record(t, jsonb_build_object(
    'id', p.candidate_id, 'contact_key', p.contact_key, 'last_name', 'Kim ' || p.n))).*
FROM bench.person p, bench.candidate t ORDER BY p.n;
INSERT INTO messaging_address SELECT (jsonb_populate_record(t, jsonb_build_object(
    'id', p.address_id, 'candidate_id', p.candidate_id, 'address', p.number,
    'raw', p.number, 'address_key', p.address_key))).*
FROM bench.person p, bench.address t ORDER BY p.n;
INSERT INTO messaging_consent SELECT (jsonb_populate_record(t, jsonb_build_object(
    'id', gen_random_uuid(), 'candidate_id', p.candidate_id))).*
FROM bench.person p, bench.consent t ORDER BY p.n;
INSERT INTO messaging_conversation SELECT (jsonb_populate_record(t, jsonb_build_object(
    'id', p.conversation_id, 'candidate_id', p.candidate_id))).*
FROM bench.person p, bench.conversation t ORDER BY p.n;
"""


def main(words: list[str]) -> None:
    del words
    with transaction.atomic():
        build()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def build() -> None:
    """The cast's Acme with enough contacts, the templates, the people."""
    company = cast.acme(TOKEN)
    ledger.grant(company.customer, 10 * PEOPLE, by=None, note="For measuring")
    company.sender.segments_per_second = UNHURRIED
    company.sender.save()
    dana = cast.dana(company)
    with within(company.customer):
        thread = threads.open_with(dana, by=company.people["Rita"])
        outbox.send(Draft(conversation=thread, body="to be copied"), by=company.people["Rita"])
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bench")
        for name, table in TEMPLATES.items():
            cursor.execute(f"CREATE TABLE bench.{name} AS SELECT * FROM {table}")  # noqa: S608
        cursor.execute(PEOPLE_TABLE)
        with cursor.copy("COPY bench.person (n, number, address_key) FROM STDIN") as copy:
            for n in range(1, PEOPLE + 1):
                copy.write_row((n, number_of(n), key_of("sms", number_of(n))))
        cursor.execute(COPIES)
