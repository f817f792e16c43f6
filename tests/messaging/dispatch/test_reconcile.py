"""Texts in doubt are looked up until they are found, or until the horizon."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from messaging.conversations.models import Attempt, Conversation, Message
from messaging.dispatch import reconcile
from messaging.dispatch.reconcile import Doubtful
from messaging.providers import Sent
from tests.messaging.steps import (
    UNCERTAIN,
    answered,
    balance,
    on_the_wire,
    outcomes,
    press_send,
    queued,
    sent,
    state,
    yes,
)
from textengage.lib import clock

SECOND = timedelta(seconds=1)
Listed = Callable[..., Sent]


def one_due() -> Doubtful:
    (doubtful,) = reconcile.due()
    return doubtful


def listed(of: Doubtful, sid: str = "SM1", **changes: str) -> Sent:
    facts = {"sender": of.sender, "body": of.body, "status": "sent", "error_code": ""} | changes
    return Sent(provider_sid=sid, created_at=of.wire_at, **facts)


@pytest.fixture
def doubtful(thread: Conversation) -> Message:
    return sent(thread, UNCERTAIN)


def test_doubt_is_looked_up_after_thirty_seconds(doubtful: Message) -> None:
    clock.shift(29 * SECOND)
    assert reconcile.due() == []
    clock.shift(30 * SECOND)
    asked = one_due()
    assert (asked.message_id, asked.recipient) == (doubtful.id, "+15105550142")
    assert (asked.sender, asked.body) == ("+15105550101", "Hi Dana")


def test_look_ups_follow_their_schedule(doubtful: Message) -> None:
    moments = []
    for seconds in range(0, 1000, 10):
        clock.shift(seconds * SECOND)
        for each in reconcile.due():
            moments.append(seconds)
            reconcile.resolve(each, [])
    assert moments == [30, 60, 120, 300, 900]
    assert Attempt.objects.get().lookups == 5


def test_only_match_is_bound(doubtful: Message) -> None:
    clock.shift(30 * SECOND)
    asked = one_due()
    others = [
        listed(asked, "SM2", body="Another text"),
        listed(asked, "SM3", sender="+15105550999"),
    ]
    reconcile.resolve(asked, [*others, listed(asked, "SM1")])
    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.provider_sid, balance()) == ("accepted", "SM1", 499)
    assert (outcomes(doubtful), reconcile.due()) == (["accepted"], [])


def test_text_that_is_known_already_is_no_match(thread: Conversation) -> None:
    first = press_send(thread)
    answered(on_the_wire(), yes("SM1"))
    second = press_send(thread)
    answered(on_the_wire(), UNCERTAIN)
    clock.shift(30 * SECOND)
    asked = one_due()
    reconcile.resolve(asked, [listed(asked, "SM1")])
    assert (state(first), state(second)) == ("accepted", "uncertain")
    reconcile.resolve(asked, [listed(asked, "SM1"), listed(asked, "SM2")])
    second.refresh_from_db()
    assert (second.state, second.provider_sid) == ("accepted", "SM2")


def test_two_matches_before_the_horizon_leave_the_doubt(doubtful: Message) -> None:
    clock.shift(300 * SECOND)
    asked = one_due()
    reconcile.resolve(asked, [listed(asked, "SM1"), listed(asked, "SM2")])
    assert state(doubtful) == "uncertain"


def test_typed_text_that_is_absent_is_for_its_author(doubtful: Message) -> None:
    clock.shift(900 * SECOND)
    reconcile.resolve(one_due(), [])
    assert (state(doubtful), balance(), outcomes(doubtful)) == ("unconfirmed", 499, ["absent"])


def test_bulk_text_that_is_absent_goes_again(thread: Conversation) -> None:
    message = queued(thread, kind="campaign")
    answered(on_the_wire(), UNCERTAIN)
    clock.shift(900 * SECOND)
    reconcile.resolve(one_due(), [])
    assert (state(message), balance()) == ("queued", 500)
    answered(on_the_wire())
    assert (state(message), balance(), outcomes(message)) == (
        "accepted",
        499,
        ["absent", "accepted"],
    )


@pytest.mark.parametrize("kind", ["typed", "campaign"])
def test_text_listed_twice_never_goes_again(thread: Conversation, kind: str) -> None:
    message = queued(thread, kind=kind)
    answered(on_the_wire(), UNCERTAIN)
    clock.shift(900 * SECOND)
    asked = one_due()
    reconcile.resolve(asked, [listed(asked, "SM1"), listed(asked, "SM2")])
    assert (state(message), balance()) == ("unconfirmed", 499)


def test_answer_that_came_meanwhile_is_not_undone(thread: Conversation) -> None:
    message = press_send(thread)
    going = on_the_wire()
    answered(going, UNCERTAIN)
    clock.shift(900 * SECOND)
    asked = one_due()
    answered(going, yes("SM1"))
    reconcile.resolve(asked, [])
    assert (state(message), outcomes(message)) == ("accepted", ["accepted"])


def test_next_text_goes_once_the_doubt_is_over(doubtful: Message, thread: Conversation) -> None:
    waiting = press_send(thread)
    assert on_the_wire() == []
    clock.shift(900 * SECOND)
    reconcile.resolve(one_due(), [])
    assert [each.message_id for each in on_the_wire()] == [waiting.id]
    answered([])
    assert balance() == 499
