"""A customer's contacts, and texts that use them, without any text of messaging."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import Customer
from credits import ledger, windows
from credits.ledger import Texting
from credits.models import Balance, ContactWindow, Grant, LedgerEntry
from textengage.lib import clock

DAY = timedelta(days=1)


def customer(name: str = "Acme") -> Customer:
    return Customer.objects.create(name=name, products=["sms"])


def give(of: Customer, amount: int, *, expires_in: timedelta | None = None) -> Grant:
    expires_at = clock.now() + expires_in if expires_in else None
    return ledger.grant(of, amount, by=None, expires_at=expires_at)


def text(of: Customer, key: UUID | None = None) -> Texting:
    return Texting(of.id, key or uuid4(), uuid4(), None)


def charge(texts: Iterable[Texting], at: datetime | None = None) -> set[UUID]:
    """As the pump does it: persons locked first. Returns whose contact was missing."""
    batch = list(texts)
    persons = [each.person for each in batch]
    with transaction.atomic():
        windows.ensure(persons)
        last = windows.lock(persons)
        return ledger.charge(batch, at=at or clock.now(), last_texted=last)


def give_back(*texts: Texting) -> int:
    with transaction.atomic():
        windows.lock(each.person for each in texts)
        return ledger.give_back([each.message_id for each in texts])


def balance(of: Customer) -> int:
    return Balance.objects.get(customer=of).balance


def left(grant: Grant) -> int:
    return Grant.objects.get(id=grant.id).remaining


def last_at(each: Texting) -> datetime | None:
    return ContactWindow.objects.get(contact_key=each.contact_key).last_at


def entries(of: Customer) -> list[tuple[str, int]]:
    return list(LedgerEntry.objects.filter(customer=of).order_by("id").values_list("kind", "delta"))
