from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Customer
from credits import windows
from credits.models import ContactWindow
from tests.racing import race

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


@pytest.fixture
def counted(payer: Customer) -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as counted:
        yield counted


def test_ensure_makes_each_person_once(payer: Customer, counted: CaptureQueriesContext) -> None:
    persons = [(payer.id, uuid4()) for _ in range(3)]
    windows.ensure(persons)
    windows.ensure(persons + persons)
    assert len(counted) == 2
    assert ContactWindow.objects.count() == 3


def test_lock_tells_when_each_was_last_texted(payer: Customer) -> None:
    never, texted = (payer.id, uuid4()), (payer.id, uuid4())
    windows.ensure([never, texted])
    ContactWindow.objects.filter(contact_key=texted[1]).update(last_at=AT)
    assert windows.lock([texted, never]) == {never: None, texted: AT}
    assert windows.last_texted([texted, never]) == {never: None, texted: AT}


def test_person_is_one_only_within_a_customer(payer: Customer) -> None:
    globex, key = Customer.objects.create(name="Globex"), uuid4()
    windows.ensure([(payer.id, key), (globex.id, key)])
    ContactWindow.objects.filter(customer=payer).update(last_at=AT)
    assert windows.lock([(globex.id, key)]) == {(globex.id, key): None}


def test_nobody_is_locked_for_nothing(payer: Customer) -> None:
    windows.ensure([])
    assert (windows.lock([]), windows.last_texted([])) == ({}, {})


@pytest.mark.usefixtures("committed")
def test_locking_in_any_order_never_deadlocks() -> None:
    customer = uuid4()
    persons = [(customer, uuid4()) for _ in range(12)]

    def lock_all(number: int) -> int:
        for _ in range(20):
            with transaction.atomic():
                windows.lock(persons if number % 2 else reversed(persons))
        return number

    _make_rows(persons)
    assert race(6, lock_all) == list(range(6))


def _make_rows(persons: list[windows.Person]) -> None:
    Customer.objects.create(id=persons[0][0], name="Acme")
    windows.ensure(persons)
