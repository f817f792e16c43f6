"""Contacts returned, carried to another person, and written off."""

from uuid import uuid4

from accounts.models import Customer
from credits import ledger
from credits.models import ContactWindow, Grant, LedgerEntry
from tests.credits import purse
from tests.credits.purse import DAY, balance, charge, entries, give_back, last_at, left, text
from textengage.lib import clock


def test_give_back_returns_the_contact_and_the_clock(payer: Customer) -> None:
    grant = purse.give(payer, 3)
    sent = text(payer)
    charge([sent])
    assert give_back(sent) == 1
    assert (balance(payer), left(grant), last_at(sent)) == (3, 3, None)
    assert entries(payer)[1:] == [("charge", -1), ("refund", 1)]


def test_give_back_restores_the_instant_before(payer: Customer) -> None:
    purse.give(payer, 3)
    key, at = uuid4(), clock.now() - 60 * DAY
    charge([text(payer, key)], at)
    second = text(payer, key)
    charge([second], at + 50 * DAY)
    give_back(second)
    assert (balance(payer), last_at(second)) == (2, at)


def test_give_back_of_a_free_text_restores_the_clock_alone(payer: Customer) -> None:
    purse.give(payer, 3)
    key, at = uuid4(), clock.now() - 30 * DAY
    charge([text(payer, key)], at)
    free = text(payer, key)
    charge([free], at + 10 * DAY)
    assert give_back(free) == 0
    assert (balance(payer), last_at(free)) == (2, at)


def test_give_back_twice_gives_back_once(payer: Customer) -> None:
    purse.give(payer, 3)
    sent = text(payer)
    charge([sent])
    assert [give_back(sent), give_back(sent), give_back(sent, sent)] == [1, 0, 0]
    assert balance(payer) == 3


def test_give_back_of_nothing_and_of_strangers_is_harmless(payer: Customer) -> None:
    purse.give(payer, 3)
    assert [give_back(), give_back(text(payer))] == [0, 0]
    assert entries(payer) == [("grant", 3)]


def test_text_given_back_is_charged_again_and_returned_again(payer: Customer) -> None:
    purse.give(payer, 1)
    sent = text(payer)
    for _ in range(3):
        assert charge([sent]) == set()
        assert give_back(sent) == 1
    assert balance(payer) == 1


def test_contact_of_an_ended_grant_returns_to_the_oldest_open_one(payer: Customer) -> None:
    ended = purse.give(payer, 5, expires_in=10 * DAY)
    oldest, newest = purse.give(payer, 5), purse.give(payer, 5)
    sent = text(payer)
    charge([sent])
    clock.shift(11 * DAY)
    give_back(sent)
    assert [left(each) for each in (ended, oldest, newest)] == [4, 6, 5]
    assert LedgerEntry.objects.get(kind="refund").grant_id == oldest.id


def test_contact_returns_to_an_ended_grant_if_none_is_open(payer: Customer) -> None:
    only = purse.give(payer, 5, expires_in=10 * DAY)
    sent = text(payer)
    charge([sent])
    clock.shift(11 * DAY)
    assert give_back(sent) == 1
    assert (left(only), balance(payer), ledger.available(payer)) == (5, 5, 0)


def test_expire_writes_off_what_is_left(payer: Customer) -> None:
    purse.give(payer, 5, expires_in=10 * DAY)
    purse.give(payer, 7)
    charge([text(payer)])
    clock.shift(10 * DAY)
    assert [ledger.expire(), ledger.expire()] == [1, 0]
    assert (balance(payer), ledger.available(payer)) == (7, 7)
    assert entries(payer)[-1] == ("expiry", -4)


def test_expire_leaves_open_grants_alone(payer: Customer) -> None:
    purse.give(payer, 5, expires_in=10 * DAY)
    assert ledger.expire() == 0
    assert balance(payer) == 5


def test_carry_lets_the_kept_person_be_free(payer: Customer) -> None:
    purse.give(payer, 5)
    merged, kept, at = text(payer), text(payer), clock.now() - 10 * DAY
    charge([merged], at)
    ledger.carry(payer.id, source=merged.contact_key, target=kept.contact_key, by=None)
    assert (last_at(kept), entries(payer)[-1]) == (at, ("carry", 0))
    charge([text(payer, kept.contact_key)])
    assert balance(payer) == 4


def test_carry_never_moves_a_clock_back(payer: Customer) -> None:
    purse.give(payer, 5)
    merged, kept, at = text(payer), text(payer), clock.now()
    charge([merged], at - 20 * DAY)
    charge([kept], at - 5 * DAY)
    ledger.carry(payer.id, source=merged.contact_key, target=kept.contact_key, by=None)
    assert last_at(kept) == at - 5 * DAY


def test_carry_of_somebody_never_texted_writes_nothing(payer: Customer) -> None:
    ledger.carry(payer.id, source=uuid4(), target=uuid4(), by=None)
    assert (entries(payer), ContactWindow.objects.exclude(last_at=None).count()) == ([], 0)


def test_give_back_after_a_carry_keeps_the_carried_instant(payer: Customer) -> None:
    purse.give(payer, 5)
    merged, kept, at = text(payer), text(payer), clock.now()
    charge([merged], at - 10 * DAY)
    charge([kept], at - DAY)
    ledger.carry(payer.id, source=merged.contact_key, target=kept.contact_key, by=None)
    give_back(kept)
    assert last_at(kept) == at - 10 * DAY


def test_grants_and_balance_always_agree(payer: Customer) -> None:
    purse.give(payer, 2, expires_in=3 * DAY)
    purse.give(payer, 2)
    texts = [text(payer) for _ in range(5)]
    charge(texts)
    give_back(*texts[:2])
    clock.shift(4 * DAY)
    ledger.expire()
    assert balance(payer) == sum(Grant.objects.values_list("remaining", flat=True))
