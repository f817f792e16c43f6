"""The machine's world in its database: a company, three people, and a clock that it moves.

The clock stands still but for one microsecond each time somebody asks, so instants differ,
are in the order of the asking, and 45 days can be hit to the microsecond.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from accounts.models import Customer, License, User
from messaging.candidates import roster
from messaging.candidates.models import Address, Candidate
from messaging.conversations import threads
from messaging.conversations.models import Conversation
from messaging.dispatch.claim import Claimed
from messaging.providers import Parcel
from messaging.senders.models import ProviderAccount, Sender
from textengage import cast
from textengage.lib import sql
from textengage.lib.ids import new_id
from textengage.lib.scoping import across_customers

TOKEN: Final = "the carrier's secret in the machine"
PEOPLE: Final = (
    ("Dana", "Kim", "+15105550142"),
    ("Omar", "Haddad", "+15105550143"),
    ("Ana", "Lopez", "+15105550144"),
)
SECOND_NUMBER: Final = "+15105550102"
START: Final = datetime(2026, 10, 14, 15, tzinfo=UTC)
"""Forty-five days from here cross a change of clocks in the company's zone."""

CLOCK = """
CREATE SEQUENCE machine_tick;
CREATE TABLE machine_clock (base timestamptz NOT NULL, step interval NOT NULL);
INSERT INTO machine_clock VALUES ('2026-10-14 15:00+00', '1 microsecond');
CREATE OR REPLACE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT CASE WHEN step = interval '0' THEN base ELSE base + nextval('machine_tick') * step END
FROM machine_clock $$;
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed text[] := coalesce(TG_ARGV, '{}');
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('machine.cleaning', true) = 'on' THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - allowed = to_jsonb(NEW) - allowed
       AND cardinality(allowed) > 0 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
"""
TICKING: Final = timedelta(microseconds=1)

# Children first: constraints that wait for the commit would look for every parent again.
EMPTIED: Final = (
    "messaging_receipt", "messaging_inboundevent", "messaging_attempt", "messaging_consent",
    "messaging_message", "messaging_optoutmember", "messaging_optout", "messaging_pace",
    "credits_ledgerentry", "credits_grant", "credits_balance", "accounts_auditentry",
)  # fmt: skip
RENEW = """
DELETE FROM accounts_license WHERE valid_from > '2026-01-01 00:00+00';
UPDATE accounts_license SET valid_to = NULL;
UPDATE credits_contactwindow SET last_at = NULL, previous_at = NULL, message_id = NULL;
UPDATE messaging_address SET unusable_reason = '';
UPDATE messaging_provideraccount SET paused_reason = '';
UPDATE messaging_conversation SET last_sender_id = NULL, last_message_at = NULL;
UPDATE machine_clock SET base = '2026-10-14 15:00+00', step = '1 microsecond';
SELECT setval('machine_tick', 1);
"""


def build() -> None:
    """Fill a migrated database: done once, in the template."""
    with across_customers():
        acme = cast.acme(TOKEN)
        for first, last, number in PEOPLE:
            candidate = roster.add(
                acme.customer, first_name=first, last_name=last, number=number,
                by=acme.people["Rita"],
            )  # fmt: skip
            threads.open_with(candidate, by=acme.people["Rita"])
        shared = Sender.objects.create(
            customer=acme.customer, account=acme.account, address=SECOND_NUMBER
        )
        if hasattr(shared, "segments_per_second"):
            Sender.objects.update(segments_per_second=1_000)
        License.objects.update(valid_from=datetime(2026, 1, 1, tzinfo=UTC))
        with connection.cursor() as cursor:
            cursor.execute(CLOCK)


@dataclass(frozen=True, slots=True)
class World:
    """The rows that stay between schedules."""

    customer: Customer
    account: ProviderAccount
    senders: Sequence[Sender]
    rita: User
    mona: User
    license: License
    people: Sequence[Candidate]
    addresses: Sequence[Address]
    threads: Sequence[Conversation]


def find() -> World:
    """The world as `build` left it."""
    people = [Candidate.objects.get(first_name=first) for first, *_ in PEOPLE]
    found = Conversation.objects.select_related("candidate", "owner", "last_sender", "customer")
    users = {user.first_name: user for user in User.objects.all()}
    return World(
        Customer.objects.get(),
        ProviderAccount.objects.get(),
        list(Sender.objects.select_related("account", "team").order_by("address")),
        users["Rita"],
        users["Mona"],
        License.objects.get(),
        people,
        [Address.objects.get(candidate=each) for each in people],
        [found.get(candidate=each) for each in people],
    )


def reset() -> None:
    """Back to the world as it was built, without a contact."""
    deletes = "".join(f"DELETE FROM {table};" for table in EMPTIED)  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN; SET LOCAL machine.cleaning = 'on'; {deletes} {RENEW} COMMIT;")


def pass_time(by: timedelta) -> None:
    """Let the clock run on."""
    sql.run("UPDATE machine_clock SET base = base + %s", by)


def stand_still(at: datetime) -> None:
    """Stop the clock at an instant, which everybody who asks is given."""
    sql.run("UPDATE machine_clock SET base = %s, step = interval '0'", at)


def run_on(at: datetime) -> None:
    """Start it again."""
    sql.run("SELECT setval('machine_tick', 1)")
    sql.run("UPDATE machine_clock SET base = %s, step = %s", at, TICKING)


PUT = """
INSERT INTO messaging_message (id, customer_id, conversation_id, candidate_id, address_id,
    direction, kind, channel, sender_id, sender_team_path, author_id, licensee_id, body, segments,
    encoding, priority, state, state_changed_at, due_at, expires_at, error_code, error_sentence,
    provider, created_at)
SELECT t.id, t.customer_id, t.conversation_id, t.candidate_id, t.address_id, 'out', t.kind, 'sms',
    t.sender_id, '{}', t.author_id, t.author_id, t.body, 1, 'GSM-7', t.priority, 'queued', now,
    now + t.wait, now + t.life, '', '', '', now
FROM (SELECT app_now() AS now) AS clock, unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[],
    %s::uuid[], %s::text[], %s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::interval[],
    %s::interval[])
    AS t (id, customer_id, conversation_id, candidate_id, address_id, kind, sender_id, author_id,
        body, priority, life, wait)
"""
LIVES: Final = {"automatic": timedelta(hours=6), "campaign": timedelta(days=7)}


def put(
    world: World, people: Sequence[int], kind: str, sender: Sender, first: int, wait: timedelta
) -> None:
    """Texts as they lie in the outbox after the gate: several times cheaper than `queue`."""
    ids = [new_id() for _ in people]
    columns: list[list[Any]] = [
        ids,
        [world.customer.id for _ in ids],
        [world.threads[person].id for person in people],
        [world.people[person].id for person in people],
        [world.addresses[person].id for person in people],
        [kind for _ in ids],
        [sender.id for _ in ids],
        [world.rita.id for _ in ids],
        [f"Hi #{first + number}" for number, _ in enumerate(ids)],
        [int(kind == "campaign") for _ in ids],
        [LIVES.get(kind, timedelta(hours=24)) + wait for _ in ids],
        [wait for _ in ids],
    ]
    sql.run(PUT, *columns)


def path_of(url: str) -> str:
    """The path of one of our own addresses."""
    return url.removeprefix(settings.PUBLIC_URL)


def parcel(claimed: Claimed) -> Parcel:
    """What the pump hands to the line."""
    return Parcel(
        message_id=claimed.message_id,
        attempt_id=claimed.attempt_id,
        sender=claimed.sender,
        recipient=claimed.recipient,
        body=claimed.body,
        callback="",
        validity_seconds=60,
    )
