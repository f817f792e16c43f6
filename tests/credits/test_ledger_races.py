"""Forty workers, real connections: contacts are never sold twice."""

from uuid import uuid4

import pytest

from accounts.models import Customer
from credits.models import LedgerEntry
from tests.credits import purse
from tests.credits.purse import balance, charge, give_back, text
from tests.racing import race
from textengage import invariants
from textengage.lib.scoping import across_customers


@pytest.fixture
def buyer(committed: None, everyone: None) -> Customer:
    return purse.customer()


def charges(of: Customer) -> int:
    return LedgerEntry.objects.filter(customer=of, kind="charge").count()


def test_forty_workers_sell_exactly_a_hundred_contacts(buyer: Customer) -> None:
    purse.give(buyer, 40)
    purse.give(buyer, 60)

    def work(_: int) -> int:
        return sum(len(charge([text(buyer) for _ in range(2)])) for _ in range(4))

    short = race(40, work)
    assert sum(each for each in short if isinstance(each, int)) == 40 * 8 - 100
    assert (charges(buyer), balance(buyer)) == (100, 0)


def test_one_person_texted_by_twenty_workers_is_charged_once(buyer: Customer) -> None:
    purse.give(buyer, 100)
    key = uuid4()
    assert race(20, lambda _: len(charge([text(buyer, key)]))) == [0] * 20
    assert (charges(buyer), balance(buyer)) == (1, 99)


def test_one_text_given_back_by_ten_workers_returns_once(buyer: Customer) -> None:
    purse.give(buyer, 5)
    sent = text(buyer)
    charge([sent])
    given = race(10, lambda _: give_back(sent))
    assert (sorted(map(str, given)), balance(buyer)) == (["0"] * 9 + ["1"], 5)


def test_charging_and_giving_back_at_once_keeps_the_sum(buyer: Customer) -> None:
    purse.give(buyer, 30)

    def work(number: int) -> int:
        sent = [text(buyer) for _ in range(3)]
        charge(sent)
        return give_back(*sent) if number % 2 else 0

    race(20, work)
    with across_customers():
        found = invariants.inspect().findings
    broken = [each.code for each, finding in found.items() if finding.count]
    assert [code for code in broken if code in ("C1", "C2", "C5")] == []
