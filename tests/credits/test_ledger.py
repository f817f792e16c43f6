"""Charging a batch: who pays, from which grant, and what moves."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEntry, Customer
from credits import ledger
from credits.models import Balance, Grant, LedgerEntry
from tests.credits import purse
from tests.credits.purse import DAY, balance, charge, entries, last_at, left, text
from textengage.lib import clock

MICROSECOND = timedelta(microseconds=1)


def test_grant_adds_contacts_and_says_who_gave_them(payer: Customer) -> None:
    grant = purse.give(payer, 100)
    assert (balance(payer), left(grant), ledger.available(payer)) == (100, 100, 100)
    assert entries(payer) == [("grant", 100)]
    assert AuditEntry.objects.get(action="contacts.granted").detail == {"amount": 100}


def test_charge_takes_one_contact_for_each_new_person(payer: Customer) -> None:
    grant = purse.give(payer, 5)
    texts = [text(payer) for _ in range(3)]
    at = clock.now()
    assert charge(texts, at) == set()
    assert (balance(payer), left(grant)) == (2, 2)
    assert [last_at(each) for each in texts] == [at, at, at]
    assert entries(payer)[1:] == [("charge", -1)] * 3


@pytest.mark.parametrize(
    ("gap", "charges"),
    [(45 * DAY - MICROSECOND, 1), (45 * DAY, 1), (45 * DAY + MICROSECOND, 2)],
)
def test_next_text_is_free_for_45_days(payer: Customer, gap: timedelta, charges: int) -> None:
    purse.give(payer, 5)
    key, at = uuid4(), clock.now() - 60 * DAY
    charge([text(payer, key)], at)
    second = text(payer, key)
    charge([second], at + gap)
    assert (balance(payer), last_at(second)) == (5 - charges, at + gap)


def test_each_text_begins_the_45_days_anew(payer: Customer) -> None:
    purse.give(payer, 5)
    key, at = uuid4(), clock.now() - 200 * DAY
    for days in (0, 40, 80, 120):
        charge([text(payer, key)], at + days * DAY)
    assert balance(payer) == 4


def test_charge_leaves_those_short_of_a_contact_untouched(payer: Customer) -> None:
    purse.give(payer, 2)
    texts = [text(payer) for _ in range(4)]
    assert charge(texts) == {each.message_id for each in texts[2:]}
    assert balance(payer) == 0
    assert [last_at(each) is None for each in texts] == [False, False, True, True]


def test_free_text_goes_with_no_contact_left(payer: Customer) -> None:
    purse.give(payer, 1)
    known = uuid4()
    charge([text(payer, known)])
    stranger, friend = text(payer), text(payer, known)
    assert charge([stranger, friend]) == {stranger.message_id}


def test_customer_without_a_grant_is_short(payer: Customer) -> None:
    wanted = text(payer)
    assert charge([wanted]) == {wanted.message_id}
    assert (entries(payer), last_at(wanted)) == ([], None)


def test_earliest_to_expire_is_used_first(payer: Customer) -> None:
    lasting = purse.give(payer, 5)
    later = purse.give(payer, 5, expires_in=20 * DAY)
    sooner = purse.give(payer, 2, expires_in=10 * DAY)
    charge([text(payer) for _ in range(4)])
    assert [left(each) for each in (sooner, later, lasting)] == [0, 3, 5]


def test_grant_past_its_date_or_not_open_yet_is_not_used(payer: Customer) -> None:
    ended = purse.give(payer, 5, expires_in=10 * DAY)
    future = purse.give(payer, 5)
    Grant.objects.filter(id=future.id).update(opens_at=clock.now() + 30 * DAY)
    clock.shift(10 * DAY)
    wanted = text(payer)
    assert ledger.available(payer) == 0
    assert charge([wanted]) == {wanted.message_id}
    assert [left(ended), left(future)] == [5, 5]


def test_one_customers_contacts_pay_for_nobody_else(payer: Customer) -> None:
    globex = purse.customer("Globex")
    purse.give(payer, 1)
    purse.give(globex, 3)
    ours, theirs = [text(payer) for _ in range(3)], [text(globex) for _ in range(2)]
    assert charge([*ours, *theirs]) == {each.message_id for each in ours[1:]}
    assert (balance(payer), balance(globex)) == (0, 1)


@pytest.mark.parametrize("size", [1, 50])
def test_charge_takes_as_many_statements_for_any_batch(payer: Customer, size: int) -> None:
    purse.give(payer, 100)
    texts = [text(payer) for _ in range(size)]
    at = clock.now()
    with CaptureQueriesContext(connection) as counted:
        charge(texts, at)
    own = [query for query in counted.captured_queries if "SAVEPOINT" not in query["sql"]]
    assert len(own) == 8


def test_reason_is_written_in_words(payer: Customer) -> None:
    purse.give(payer, 5)
    key, at = uuid4(), clock.now() - 60 * DAY
    charge([text(payer, key)], at)
    charge([text(payer, key)], at + 52 * DAY)
    reasons = LedgerEntry.objects.filter(kind="charge").order_by("id").values_list("reason")
    assert [reason for (reason,) in reasons] == ["first message", "last message 52 days ago"]


@pytest.mark.parametrize(
    "statement", ["UPDATE credits_ledgerentry SET delta = 7", "DELETE FROM credits_ledgerentry"]
)
def test_ledger_can_only_be_added_to(payer: Customer, statement: str) -> None:
    purse.give(payer, 5)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert entries(payer) == [("grant", 5)]


def test_balance_cannot_become_negative(payer: Customer) -> None:
    purse.give(payer, 1)
    with pytest.raises(DatabaseError, match="credits_balance_not_negative"), transaction.atomic():
        Balance.objects.update(balance=-1)
