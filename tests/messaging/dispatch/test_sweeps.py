"""What time alone changes."""

from datetime import timedelta

import pytest

from accounts import licenses
from accounts.models import User
from credits import ledger
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import outbox, sweeps
from messaging.dispatch.drafting import Draft
from messaging.providers import Answer, Outcome
from tests.messaging import ledger_state
from tests.messaging.steps import (
    NOT_SENT,
    answered,
    balance,
    claimed,
    on_the_wire,
    outcomes,
    press_send,
    queued,
    state,
)
from textengage.cast import Company
from textengage.lib import clock

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def test_claim_ends_with_its_lease(thread: Conversation) -> None:
    message = press_send(thread)
    claimed()
    clock.shift(59 * SECOND)
    assert (sweeps.sweep(), state(message)) == (0, "claimed")
    clock.shift(61 * SECOND)
    assert (sweeps.sweep(), sweeps.sweep(), state(message)) == (1, 0, "queued")
    assert (balance(), outcomes(message)) == (500, ["withdrawn"])


def test_text_that_came_back_goes_again(thread: Conversation) -> None:
    message = press_send(thread)
    claimed()
    clock.shift(61 * SECOND)
    sweeps.sweep()
    answered(on_the_wire())
    assert (state(message), balance()) == ("accepted", 499)
    assert outcomes(message) == ["withdrawn", "accepted"]


def test_sending_is_in_doubt_after_its_lease(thread: Conversation) -> None:
    message = press_send(thread)
    going = on_the_wire()
    clock.shift(61 * SECOND)
    assert (sweeps.sweep(), state(message), balance()) == (1, "uncertain", 499)
    answered(going)
    assert state(message) == "accepted"


def test_held_text_is_looked_at_again_when_its_time_comes(
    acme: Company, rita: User, thread: Conversation
) -> None:
    ledger_state.leave(0)
    message = outbox.send(Draft(thread, "Hi"), by=rita, wait_for_contacts=True)
    clock.shift(61 * SECOND)
    assert (sweeps.sweep(), claimed(), state(message)) == (1, [], "held")
    ledger.grant(acme.customer, 5, by=None)
    clock.shift(130 * SECOND)
    sweeps.sweep()
    assert (len(claimed()), state(message), balance()) == (1, "claimed", 4)


def test_text_held_for_a_license_goes_when_it_is_back(thread: Conversation, rita: User) -> None:
    message = press_send(thread)
    licenses.end(rita, by=None)
    assert (claimed(), state(message)) == ([], "held")
    licenses.give(rita, by=None)
    clock.shift(61 * SECOND)
    sweeps.sweep()
    assert len(claimed()) == 1


@pytest.mark.parametrize(
    ("kind", "hours"), [("typed", 24), ("api", 24), ("automatic", 6), ("campaign", 7 * 24)]
)
def test_text_that_waited_too_long_ends(thread: Conversation, kind: str, hours: int) -> None:
    message = queued(thread, kind=kind)
    clock.shift(hours * HOUR - 5 * SECOND)
    assert (sweeps.expire(), state(message)) == (0, "queued")
    clock.shift(hours * HOUR)
    assert (sweeps.expire(), state(message), balance()) == (1, "expired", 500)


def test_confirmation_that_waited_five_minutes_ends(thread: Conversation, acme: Company) -> None:
    draft = Draft(thread, "Hi", kind="compliance", sender=acme.sender)
    (message,) = outbox.queue([draft], by=None)
    clock.shift(300 * SECOND)
    assert (sweeps.sweep(), state(message)) == (1, "expired")


def test_held_text_that_waited_too_long_ends_too(thread: Conversation, rita: User) -> None:
    ledger_state.leave(0)
    message = outbox.send(Draft(thread, "Hi"), by=rita, wait_for_contacts=True)
    clock.shift(24 * HOUR)
    assert (sweeps.sweep(), state(message)) == (1, "expired")


def test_text_past_its_end_is_never_claimed(thread: Conversation) -> None:
    message = press_send(thread)
    clock.shift(25 * HOUR)
    assert (claimed(), sweeps.sweep(), state(message)) == ([], 1, "expired")


def test_sweep_of_nothing_moves_nothing() -> None:
    assert sweeps.sweep() == 0


def test_campaign_text_ends_with_its_campaign(thread: Conversation) -> None:
    end = clock.now() + 3 * HOUR
    message = queued(thread, kind="campaign", expires_at=end)
    assert message.expires_at == end
    (going,) = on_the_wire()
    assert 3 * 3600 - 5 < going.worth_seconds <= 3 * 3600
    answered([going], NOT_SENT)
    clock.shift(3 * HOUR)
    assert (sweeps.expire(), state(message), balance()) == (1, "expired", 500)


@pytest.mark.parametrize("answer", [NOT_SENT, Answer(Outcome.FAILED, "", 400, "20429")])
def test_text_that_goes_again_keeps_its_place_and_its_end(
    thread: Conversation, answer: Answer
) -> None:
    first = press_send(thread)
    going = on_the_wire()
    second = press_send(thread)
    answered(going, answer)
    assert claimed() == []
    clock.shift(MINUTE)
    assert [each.message_id for each in on_the_wire()] == [first.id]
    again = Message.objects.get(id=first.id)
    assert (again.expires_at, state(second)) == (first.expires_at, "queued")
