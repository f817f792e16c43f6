"""Claimed texts on their way to the socket: replies first, the late ones' senders slowed."""

import pytest

from messaging.conversations.models import Message
from messaging.dispatch import lineup
from messaging.dispatch.claim import Claimed
from messaging.dispatch.lineup import Lateness, Lineup
from textengage.lib.ids import new_id

pytestmark = pytest.mark.django_db


def text(priority: int = Message.BULK) -> Claimed:
    return Claimed(
        message_id=new_id(), attempt_id=new_id(), account_id=new_id(), sender_id=new_id(),
        sender="+15105550101", recipient="+15105550142", channel="sms", body="Hi",
        priority=priority, worth_seconds=60,
    )  # fmt: skip


def test_replies_leave_before_bulk_and_each_in_turn() -> None:
    line = Lineup()
    bulk, later = text(), text()
    reply, next_reply = text(Message.REPLY), text(Message.REPLY)
    for each in (bulk, reply, later, next_reply):
        line.add(1.0, each)
    assert list(line) == [reply, next_reply, bulk, later]
    assert [line.pop()[1] for _ in range(len(line))] == [reply, next_reply, bulk, later]
    with pytest.raises(IndexError):
        line.pop()


def test_old_claims_are_dropped_and_counted() -> None:
    line, kept = Lineup(), text()
    line.add(1.0, text())
    line.add(1.5, text(Message.REPLY))
    line.add(9.0, kept)
    assert line.drop_older_than(5.0) == 2
    assert list(line) == [kept]


def test_sender_held_up_waits_for_the_difference() -> None:
    lateness, quick, slow = Lateness(), text(), text()
    assert lateness.excess(8.0, [(7.98, quick)]) == {}
    assert lateness.excess(10.0, [(9.98, quick), (9.5, slow)]) == {
        slow.sender_id: pytest.approx(0.48 - lineup.TOLERATED)
    }


def test_lateness_of_all_alike_slows_nobody() -> None:
    lateness = Lateness()
    lateness.excess(10.0, [(9.98, text())])
    for second in range(11, 14):
        crowd = [(second - 0.6, text()) for _ in range(5)]
        slowed = lateness.excess(float(second) + 0.1, crowd)
    assert slowed == {}
