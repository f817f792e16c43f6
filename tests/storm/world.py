"""Who there is: made once per database by the product's own verbs, emptied between schedules."""

import time
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from django.db import transaction
from psycopg import sql as quoted

from accounts import licenses
from accounts.models import Customer, User
from messaging.candidates import roster
from messaging.candidates.consent import Evidence
from messaging.candidates.models import Address, Candidate
from messaging.senders.models import ProviderAccount, Sender
from textengage import cast
from textengage.cast import Company
from textengage.lib.scoping import across_customers

TOKEN: Final = "the simulated carrier's token"
PEOPLE: Final = 200
"""Candidates of each customer. Both know the same numbers."""
NAMES: Final = ("Acme", "Globex")

# These stay; every other table is emptied before each schedule.
LASTING: Final = (
    "django_%", "auth_%", "guardian_%", "accounts_%", "app_clock", "credits_country",
    "credits_tier", "messaging_candidate", "messaging_address", "messaging_consent",
    "messaging_sender", "messaging_provideraccount",
)  # fmt: skip
PASSING: Final = ("accounts_auditentry", "accounts_tick")

TABLES = """
SELECT tablename FROM pg_tables WHERE schemaname = 'public'
  AND (NOT tablename LIKE ANY(%s) OR tablename = ANY(%s)) ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Person:
    """One candidate as the traffic needs them."""

    candidate: Candidate
    number: str


@dataclass(frozen=True, slots=True)
class House:
    """One customer: who writes, from which number, to whom."""

    customer: Customer
    author: User
    sender: Sender
    account: ProviderAccount
    people: list[Person]


def main(words: list[str]) -> None:
    """Build it."""
    del words
    with transaction.atomic(), across_customers():
        for company in (cast.acme(TOKEN), cast.globex(TOKEN)):
            _fill(company)
        # The storm is about faults; waiting for a slow number's allowance would only be long.
        Sender.objects.update(segments_per_second=200)
        ProviderAccount.objects.update(concurrency=20)


def _fill(company: Company) -> None:
    author = next(iter(company.people.values()))
    for n in range(PEOPLE):
        roster.add(
            company.customer,
            first_name="Dana",
            last_name=f"Kim {n}",
            number=number_of(n),
            by=author,
            evidence=Evidence("application", "I agree to get texts about my application."),
        )


def number_of(n: int) -> str:
    """A distinct US number for each person: area codes times 555-01xx."""
    return f"+1{602 + n // 100}55501{n % 100:02d}"


def houses() -> dict[str, House]:
    """The customers by name, as they stand in the database."""
    with across_customers():
        return {name: _house(Customer.objects.get(name=name)) for name in NAMES}


def _house(customer: Customer) -> House:
    sender = (
        Sender.objects.select_related("account").filter(customer=customer).earliest("created_at")
    )
    author = User.objects.get(
        customer=customer, first_name={"Acme": "Rita", "Globex": "Gus"}[customer.name]
    )
    addresses = Address.objects.select_related("candidate").filter(customer=customer)
    people = [Person(each.candidate, each.address) for each in addresses.order_by("address")]
    return House(customer, author, sender, sender.account, people)


def empty(connection: psycopg.Connection[Any]) -> None:
    """As if nobody had ever been texted, and nobody ever paid.

    A pump that is just looking is waited for without a queue behind us: two who wait for
    each other's tables would cost one of them its transaction.
    """
    found = connection.execute(TABLES, [list(LASTING), list(PASSING)]).fetchall()
    tables = quoted.SQL(", ").join(quoted.Identifier(name) for (name,) in found)
    lock = quoted.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE NOWAIT").format(tables)
    until = time.monotonic() + 20
    while True:
        try:
            with connection.transaction():
                connection.execute(lock)
                connection.execute(quoted.SQL("TRUNCATE {} RESTART IDENTITY").format(tables))
                connection.execute("UPDATE messaging_address SET unusable_reason = ''")
                connection.execute("UPDATE messaging_provideraccount SET paused_reason = ''")
                return
        except psycopg.errors.LockNotAvailable:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def forget_licenses(connection: psycopg.Connection[Any]) -> None:
    """Of an earlier storm, which may have ended years from now."""
    connection.execute("DELETE FROM accounts_license")


def everybody_is_licensed(homes: dict[str, House]) -> None:
    """Give back the licenses that a schedule took."""
    with across_customers():
        for house in homes.values():
            licenses.give(house.author, by=None, seat=house.sender.seat)
