"""Claiming: what is due, once per person, in order, charged, with its attempt written."""

from datetime import timedelta

import pytest

from accounts import licenses
from accounts.models import User
from credits.models import ContactWindow, LedgerEntry
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Attempt, Conversation, Message
from messaging.dispatch import claim, outbox, stopping
from messaging.dispatch.drafting import Draft
from messaging.senders.models import ProviderAccount
from tests import make
from tests.messaging import ledger_state
from tests.messaging.gate.items import counting
from tests.messaging.steps import (
    NOT_SENT,
    UNCERTAIN,
    answered,
    balance,
    claimed,
    on_the_wire,
    press_send,
    queued,
    state,
    states,
)
from textengage.cast import Company
from textengage.lib import clock

HOUR = timedelta(hours=1)


@pytest.fixture
def other(omar: Candidate, rita: User) -> Conversation:
    return threads.open_with(omar, by=rita)


def test_claim_charges_and_writes_the_attempt(thread: Conversation) -> None:
    message = press_send(thread)
    (one,) = claimed()
    attempt = Attempt.objects.get()
    message.refresh_from_db()
    assert (message.state, balance()) == ("claimed", 499)
    assert message.contact_key == thread.candidate.contact_key
    assert (attempt.id, attempt.message_id) == (one.attempt_id, message.id)
    assert (attempt.number, attempt.wire_at, attempt.finished_at) == (1, None, None)
    assert message.decided_at == attempt.claimed_at == ContactWindow.objects.get().last_at


def test_claimed_text_says_what_goes_where(acme: Company, thread: Conversation) -> None:
    message = press_send(thread)
    (one,) = claimed()
    assert (one.message_id, one.account_id) == (message.id, acme.account.id)
    assert (one.sender, one.recipient) == ("+15105550101", "+15105550142")
    assert (one.body, one.channel) == ("Hi Dana", "sms")
    assert 86_390 <= one.worth_seconds <= 86_400


def test_nothing_due_claims_nothing(thread: Conversation) -> None:
    press_send(thread, due_at=clock.now() + HOUR)
    assert (claimed(), balance()) == ([], 500)
    clock.shift(HOUR)
    assert len(claimed()) == 1


def test_one_text_per_person_is_claimed(thread: Conversation, other: Conversation) -> None:
    first, second = press_send(thread), press_send(thread)
    third = press_send(other)
    assert {each.message_id for each in claimed()} == {first.id, third.id}
    assert (claimed(), state(second)) == ([], "queued")


@pytest.mark.parametrize("way", ["claimed", "sending", "uncertain"])
def test_text_waits_while_one_to_the_person_is_in_flight(thread: Conversation, way: str) -> None:
    first, second = press_send(thread), press_send(thread)
    if way == "claimed":
        claimed()
    else:
        going = on_the_wire()
        if way == "uncertain":
            answered(going, UNCERTAIN)
    assert (claimed(), states(first, second)) == ([], [way, "queued"])


def test_texts_leave_in_the_order_they_were_pressed(thread: Conversation) -> None:
    pressed = [press_send(thread, f"Number {number}").body for number in range(4)]
    left = []
    for _ in pressed:
        going = on_the_wire()
        left += [each.body for each in going]
        answered(going)
    assert left == pressed


def test_text_that_waits_for_another_try_is_not_overtaken(thread: Conversation) -> None:
    first, second = press_send(thread), press_send(thread)
    answered(on_the_wire(), NOT_SENT)
    assert (states(first, second), claimed()) == (["queued", "queued"], [])
    clock.shift(timedelta(seconds=10))
    assert [each.message_id for each in claimed()] == [first.id]


def test_texts_that_wait_for_another_try_keep_their_order(thread: Conversation) -> None:
    """The second is pressed while the first waits, a third was scheduled before both."""
    third = press_send(thread, due_at=clock.now() + HOUR)
    first = press_send(thread)
    answered(on_the_wire(), NOT_SENT)
    second = press_send(thread)
    clock.shift(2 * HOUR)
    left = []
    for _ in range(4):
        going = on_the_wire()
        left += [each.message_id for each in going]
        answered(going)
    assert left == [first.id, second.id, third.id]


def test_scheduled_text_holds_up_nothing(thread: Conversation) -> None:
    press_send(thread, due_at=clock.now() + HOUR)
    now = press_send(thread)
    assert [each.message_id for each in claimed()] == [now.id]


def test_replies_go_before_bulk(thread: Conversation, other: Conversation) -> None:
    queued(thread, kind="campaign")
    reply = press_send(other)
    assert [each.message_id for each in claimed(limit=1)] == [reply.id]


def test_first_text_costs_and_the_next_is_free(thread: Conversation) -> None:
    for _ in range(2):
        press_send(thread)
        answered(on_the_wire())
    assert (balance(), LedgerEntry.objects.filter(kind="charge").count()) == (499, 1)


def test_claim_looks_again_at_do_not_text(thread: Conversation) -> None:
    message = press_send(thread)
    stopping.stop(thread.candidate, source="inbound", word="stop")
    Message.objects.filter(id=message.id).update(state="queued")
    assert (claimed(), state(message), balance()) == ([], "refused", 500)


def test_claim_holds_a_text_whose_author_lost_the_license(thread: Conversation, rita: User) -> None:
    message = press_send(thread)
    licenses.end(rita, by=None)
    assert (claimed(), state(message), balance()) == ([], "held", 500)
    message.refresh_from_db()
    assert message.verdict is not None
    assert message.verdict["sentence"] == "Rita no longer has a license."


def test_claim_holds_a_text_when_the_contacts_are_gone(acme: Company, rita: User) -> None:
    known = [make.thread(acme, make.candidate(acme, number), rita) for number in range(3)]
    messages = [press_send(thread) for thread in known]
    ledger_state.leave(2)
    assert len(claimed()) == 2
    assert (states(*messages), balance()) == (["claimed", "claimed", "held"], 0)


def test_text_stays_queued_while_its_account_is_paused(thread: Conversation) -> None:
    message = press_send(thread)
    until = clock.now() + HOUR
    ProviderAccount.objects.update(
        paused_reason="The provider account is suspended", paused_until=until
    )
    assert (claimed(), state(message)) == ([], "queued")
    clock.shift(HOUR)
    assert [each.message_id for each in claimed()] == [message.id]


def test_confirmation_is_claimed_without_charge(thread: Conversation, acme: Company) -> None:
    outbox.queue([Draft(thread, "Hi", kind="compliance", sender=acme.sender)], by=None)
    assert len(claimed()) == 1
    assert (balance(), ContactWindow.objects.get().last_at) == (500, None)


def test_claim_takes_as_many_as_there_is_room_for(acme: Company, rita: User) -> None:
    for number in range(4):
        press_send(make.thread(acme, make.candidate(acme, number), rita))
    assert [len(claimed(limit=3)), len(claimed(limit=3))] == [3, 1]


def test_claim_asks_as_much_for_thirty_as_for_one(acme: Company, rita: User) -> None:
    known = [make.thread(acme, make.candidate(acme, number), rita) for number in range(32)]
    press_send(known[31])
    assert len(claimed()) == 1, "a sender's first claim also makes its pace's row"
    press_send(known[30])
    with counting() as for_one:
        assert len(claimed()) == 1
    for thread in known[:30]:
        press_send(thread)
    with counting() as for_thirty:
        assert len(claimed()) == 30
    assert len(for_thirty) == len(for_one)


def test_two_customers_are_claimed_and_charged_apart(
    thread: Conversation, globex: Company, gus: User
) -> None:
    press_send(thread)
    press_send(make.thread(globex, make.candidate(globex), gus))
    assert {each.account_id for each in claimed()} == {
        globex.account.id,
        Message.objects.get(conversation=thread).account_id,
    }
    charges = LedgerEntry.objects.filter(kind="charge")
    assert charges.values("customer").distinct().count() == 2


def test_claim_leaves_out_accounts_that_have_enough(
    thread: Conversation, acme: Company, everyone: None
) -> None:
    message = press_send(thread)
    assert claim.claim(100, [acme.account.id]) == []
    assert (state(message.id), balance()) == ("queued", 500)
    assert len(claim.claim(100, [])) == 1
