"""Whose turn it is: senders at their pace, customers in turns, replies before bulk."""

from datetime import timedelta

import pytest

from accounts.models import User
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import picking
from messaging.senders.models import Pace, Sender
from tests import make
from tests.messaging.steps import claimed, press_send, queued
from textengage.cast import Company
from textengage.lib import clock
from textengage.lib.scoping import across_customers


def crowd(company: Company, size: int, *, first: int = 0) -> list[Conversation]:
    author = next(iter(company.people.values()))
    return [
        make.thread(company, make.candidate(company, number), author)
        for number in range(first, first + size)
    ]


def bulk(threads: list[Conversation]) -> list[Message]:
    return [queued(thread, kind=Message.CAMPAIGN) for thread in threads]


def picked(limit: int = 100) -> list[str]:
    return [str(each.id) for each in picking.pick(limit, ())]


def ids(messages: list[Message]) -> list[str]:
    return [str(message.id) for message in messages]


def test_customers_take_turns(acme: Company, globex: Company) -> None:
    with across_customers():
        many, few = bulk(crowd(acme, 6)), bulk(crowd(globex, 2, first=50))
        assert picked(4) == ids([many[0], few[0], many[1], few[1]])


def test_reply_goes_before_all_bulk(acme: Company, globex: Company) -> None:
    with across_customers():
        threads = crowd(acme, 4)
        waiting = bulk(threads[:3])
        reply = press_send(threads[3])
        theirs = bulk(crowd(globex, 1, first=50))
        assert picked(2) == ids([reply, waiting[0]])
        assert str(theirs[0].id) in picked(3)


def test_sender_gives_what_it_may_send_now(in_acme: Company) -> None:
    Sender.objects.update(segments_per_second=0.1)
    bulk(crowd(in_acme, 3))
    assert (len(claimed()), claimed()) == (1, [])
    clock.shift(timedelta(seconds=9))
    assert claimed() == []
    clock.shift(timedelta(seconds=11))
    assert (len(claimed()), claimed()) == (1, [])


def test_slow_sender_holds_up_nobody_else(acme: Company, globex: Company) -> None:
    with across_customers():
        Sender.objects.filter(id=acme.sender.id).update(segments_per_second=1)
        slow, quick = bulk(crowd(acme, 3)), bulk(crowd(globex, 3, first=50))
        assert {each.message_id for each in claimed()} == {
            slow[0].id, *(message.id for message in quick)
        }  # fmt: skip


def test_long_text_makes_the_next_one_wait(in_acme: Company) -> None:
    Sender.objects.update(segments_per_second=0.1)
    threads = crowd(in_acme, 2)
    queued(threads[0], "x" * 400)
    queued(threads[1])
    assert len(claimed()) == 1
    clock.shift(timedelta(seconds=29))
    assert claimed() == [], "three segments take thirty seconds"
    clock.shift(timedelta(seconds=32))
    assert len(claimed()) == 1


def test_refused_text_costs_the_sender_nothing(in_acme: Company, rita: User) -> None:
    Sender.objects.update(segments_per_second=1)
    first, second = crowd(in_acme, 2)
    doomed, good = queued(first), queued(second)
    first.candidate.addresses.update(unusable_reason="This is a landline.")
    assert claimed() == []
    doomed.refresh_from_db()
    assert (doomed.state, Pace.objects.get().free_at < clock.now()) == ("refused", True)
    assert [each.message_id for each in claimed()] == [good.id]


@pytest.mark.parametrize("full", [True, False])
def test_full_account_leaves_room_for_others(acme: Company, globex: Company, full: bool) -> None:
    with across_customers():
        bulk(crowd(acme, 2))
        theirs = bulk(crowd(globex, 2, first=50))
        found = picking.pick(10, [acme.account.id] if full else ())
        assert len(found) == (2 if full else 4)
        assert {message.id for message in theirs} <= {each.id for each in found}
