"""The last step before the socket, and who may still take a text back."""

import pytest

from accounts.models import User
from messaging.conversations.models import Attempt, Conversation
from messaging.dispatch import outbox, stopping, sweeps, wire
from tests.messaging.steps import balance, claimed, outcomes, press_send, state
from textengage.lib import clock
from textengage.lib.refusal import Refused


def test_start_marks_the_text_and_its_instant(thread: Conversation) -> None:
    message = press_send(thread)
    (one,) = claimed()
    assert wire.start([one.attempt_id]) == {one.attempt_id}
    attempt = Attempt.objects.get()
    assert (state(message), attempt.finished_at) == ("sending", None)
    assert attempt.wire_at is not None
    assert attempt.claimed_at <= attempt.wire_at <= clock.now()


def test_start_twice_goes_once(thread: Conversation) -> None:
    press_send(thread)
    (one,) = claimed()
    wire.start([one.attempt_id])
    assert wire.start([one.attempt_id]) == set()


def test_start_of_nothing_starts_nothing() -> None:
    assert wire.start([]) == set()


def test_stop_between_claim_and_start_withdraws_the_text(thread: Conversation) -> None:
    message = press_send(thread)
    (one,) = claimed()
    assert balance() == 499
    stopping.stop(thread.candidate, source="inbound", word="stop")
    assert (state(message), balance(), outcomes(message)) == ("refused", 500, ["withdrawn"])
    assert (wire.start([one.attempt_id]), state(message)) == (set(), "refused")


def test_cancel_between_claim_and_start_withdraws_the_text(
    thread: Conversation, rita: User
) -> None:
    message = press_send(thread)
    (one,) = claimed()
    outbox.cancel(message, by=rita)
    assert (state(message), balance(), wire.start([one.attempt_id])) == ("canceled", 500, set())


def test_stop_after_the_start_leaves_the_text_alone(thread: Conversation) -> None:
    message = press_send(thread)
    (one,) = claimed()
    wire.start([one.attempt_id])
    given = stopping.stop(thread.candidate, source="inbound", word="stop")
    wire_at = Attempt.objects.get().wire_at
    assert given is not None
    assert wire_at is not None
    assert (state(message), balance(), wire_at < given.effective_at) == ("sending", 499, True)


def test_cancel_after_the_start_is_too_late(thread: Conversation, rita: User) -> None:
    message = press_send(thread)
    wire.start([claimed()[0].attempt_id])
    with pytest.raises(Refused) as refusal:
        outbox.cancel(message, by=rita)
    assert (refusal.value.code, state(message), balance()) == ("too_late", "sending", 499)


def test_attempt_of_an_ended_lease_does_not_start(thread: Conversation) -> None:
    message = press_send(thread)
    (old,) = claimed()
    clock.shift(sweeps.LEASE * 2)
    sweeps.sweep()
    (new,) = claimed()
    assert wire.start([old.attempt_id, new.attempt_id]) == {new.attempt_id}
    assert (state(message), outcomes(message)) == ("sending", ["withdrawn", ""])
