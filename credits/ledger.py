"""The only writer of monthly contacts: grant, charge, give back, carry, expire.

The balance is the sum of an append-only ledger. Whoever moves contacts holds the person's
row first (`windows.lock`, or the pump's own lock) and then the customer's balance row.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from accounts import audit
from accounts.models import Customer, User
from credits import rules, statements, windows
from credits.models import Grant, LedgerEntry
from credits.windows import Person
from textengage.lib import clock, sql
from textengage.lib.clock import AppNow

FOUND: Final = "a text had left after all"


@dataclass(frozen=True, slots=True)
class Texting:
    """One text about to be handed to the wire, as the ledger sees it."""

    customer_id: UUID
    contact_key: UUID
    message_id: UUID
    actor_id: UUID | None

    @property
    def person(self) -> Person:
        return (self.customer_id, self.contact_key)


@dataclass(frozen=True, slots=True)
class Texted:
    """A text of a person that counts, and the instant it was decided."""

    message_id: UUID
    at: datetime


@transaction.atomic
def grant(
    customer: Customer,
    amount: int,
    *,
    by: User | None,
    kind: str = Grant.PURCHASE,
    expires_at: datetime | None = None,
    note: str = "",
) -> Grant:
    """Give a customer contacts, usable at once and until ``expires_at`` (UTC, exclusive)."""
    _lock_balances([customer.id])
    made = Grant.objects.create(
        customer=customer,
        kind=kind,
        amount=amount,
        remaining=amount,
        opens_at=clock.now(),
        expires_at=expires_at,
        note=note,
    )
    LedgerEntry.objects.create(
        customer=customer,
        kind=LedgerEntry.GRANT,
        delta=amount,
        grant=made,
        reason=made.get_kind_display().lower(),
        actor_id=by.id if by else None,
        at=clock.now(),
    )
    _move_balances({customer.id: amount})
    audit.record("contacts.granted", of=customer, by=by, about=made, amount=amount)
    return made


def charge(
    texts: Sequence[Texting], *, at: datetime, last_texted: Mapping[Person, datetime | None]
) -> set[UUID]:
    """Deduct what a batch of texts needs and start each person's 45 days at ``at``.

    At most one text per person; the caller holds every person's row and gives when each
    was last texted. Returns the ids of texts that need a contact when none is left: for
    those nothing moves. A constant number of statements for any size of batch.
    """
    due = [text for text in texts if rules.is_due(last_texted[text.person], at)]
    paid = _take_from_grants(due)
    short = {text.message_id for text in due} - {text.message_id for text, _ in paid}
    if paid:
        _write_charges(
            [
                (text, grant_id, rules.reason(last_texted[text.person], at))
                for text, grant_id in paid
            ]
        )
        _move_balances({c: -n for c, n in Counter(text.customer_id for text, _ in paid).items()})
    _start_windows([text for text in texts if text.message_id not in short], at)
    return short


def give_back(message_ids: Collection[UUID], *, reason: str = "not sent") -> int:
    """Return the contacts of texts that surely never left, and put their clocks back.

    A contact returns to the grant it came from; if that has ended, to the oldest open
    one. The caller holds the persons' rows (`windows.lock`). Safe to repeat: a charge is
    reversed at most once. Returns how many contacts went back.
    """
    ids = list(message_ids)
    if not ids:
        return 0
    sql.run(statements.RESTORE_WINDOWS, ids)
    customers = [row[0] for row in sql.rows(statements.CUSTOMERS_OF_CHARGES, ids)]
    if not customers:
        return 0
    _lock_balances(customers)
    refunded = Counter(row[0] for row in sql.rows(statements.REFUND, ids, reason))
    _move_balances(refunded)
    return sum(refunded.values())


def reinstate(
    text: Texting, *, at: datetime, previous: datetime | None, following: Texted | None
) -> None:
    """Count a text after all whose contact was given back: it turns out to have left.

    Everything becomes as if it had never been given back. It is charged as of ``at``, the
    instant it was decided; a ``following`` text that was charged because this one did not
    count gets its contact back. If none is left by now, one is added and used at once: the
    customer spent it in good faith. ``previous`` and ``following`` are the person's texts
    next to it that count. The caller holds the person's row.
    """
    _lock_balances([text.customer_id])
    if following and not rules.is_due(_latest(at, _carried(text, following.at)), following.at):
        refunded = sql.rows(statements.REFUND, [following.message_id], FOUND)
        _move_balances(Counter(row[0] for row in refunded))
    last_at = _latest(previous, _carried(text, at))
    if rules.is_due(last_at, at):
        paid = _take_from_grants([text])
        if not paid:
            customer = Customer(id=text.customer_id)
            grant(customer, 1, by=None, kind=Grant.ADJUSTMENT, note=FOUND)
            paid = _take_from_grants([text])
        _write_charges([(text, grant_id, rules.reason(last_at, at)) for text, grant_id in paid])
        _move_balances({text.customer_id: -1})
    sql.run(statements.REINSTATE_WINDOW, at, text.message_id, text.customer_id, text.contact_key)


def _carried(text: Texting, at: datetime) -> datetime | None:
    """The latest instant that merges had carried to the person by then."""
    rows = sql.rows(statements.CARRIED, text.customer_id, text.contact_key, at)
    found: datetime | None = rows[0][0]
    return found


def _latest(*instants: datetime | None) -> datetime | None:
    return max((each for each in instants if each), default=None)


def carry(
    customer_id: UUID, *, source: UUID, target: UUID, reason: str = "merged", by: UUID | None
) -> None:
    """After a merge, let the kept person's 45 days begin where the other's last began.

    Writes a row of amount zero that charge and replay read as a text at that instant.
    """
    persons = [(customer_id, source), (customer_id, target)]
    windows.ensure(persons)
    instant = windows.lock(persons)[(customer_id, source)]
    if instant is None:
        return
    LedgerEntry.objects.create(
        customer_id=customer_id,
        kind=LedgerEntry.CARRY,
        delta=0,
        contact_key=target,
        carried_at=instant,
        reason=reason,
        actor_id=by,
        at=clock.now(),
    )
    sql.run(statements.CARRY_WINDOW, instant, instant, customer_id, target)


@transaction.atomic
def expire() -> int:
    """Write off what is left of grants whose date has passed; returns how many grants.

    Charging ignores such grants anyway: this only makes the balance say so.
    """
    ended = Grant.objects.filter(remaining__gt=0, expires_at__lte=AppNow())
    _lock_balances(sorted(set(ended.values_list("customer_id", flat=True))))
    lost = sql.rows(statements.EXPIRE)
    moved: Counter[UUID] = Counter()
    for customer_id, delta in lost:
        moved[customer_id] += delta
    _move_balances(moved)
    return len(lost)


def available(customer: Customer) -> int:
    """How many contacts can be used now: what is left of open grants."""
    left = Grant.objects.filter(customer=customer).open().aggregate(left=Sum("remaining"))["left"]
    return int(left or 0)


def _take_from_grants(due: Sequence[Texting]) -> list[tuple[Texting, UUID]]:
    """Pair texts with open grants, the earliest to expire first, as far as they reach."""
    if not due:
        return []
    customers = sorted({text.customer_id for text in due})
    _lock_balances(customers)
    purses: dict[UUID, list[list[Any]]] = defaultdict(list)
    for customer_id, grant_id, remaining in sql.rows(statements.OPEN_GRANTS, customers):
        purses[customer_id].append([grant_id, remaining])
    paid = []
    for text in due:
        purse = purses[text.customer_id]
        while purse and purse[0][1] == 0:
            purse.pop(0)
        if purse:
            purse[0][1] -= 1
            paid.append((text, purse[0][0]))
    return paid


def _write_charges(rows: Iterable[tuple[Texting, UUID, str]]) -> None:
    texts, grants, reasons = zip(*rows, strict=True)
    sql.run(
        statements.CHARGE,
        [text.customer_id for text in texts],
        [text.contact_key for text in texts],
        [text.message_id for text in texts],
        [text.actor_id for text in texts],
        list(grants),
        list(reasons),
    )


def _start_windows(texts: Sequence[Texting], at: datetime) -> None:
    sql.run(
        statements.START_WINDOWS,
        at,
        [text.customer_id for text in texts],
        [text.contact_key for text in texts],
        [text.message_id for text in texts],
    )


def _lock_balances(customer_ids: Sequence[UUID]) -> None:
    sql.run(statements.ENSURE_BALANCES, list(customer_ids))
    sql.run(statements.LOCK_BALANCES, list(customer_ids))


def _move_balances(deltas: Mapping[UUID, int]) -> None:
    sql.run(statements.MOVE_BALANCES, list(deltas), list(deltas.values()))
