"""What a queued text waits for, and letting it go anyway."""

from datetime import timedelta

import pytest

from accounts import licenses
from accounts.models import AuditEntry, User
from messaging.conversations.models import Attempt, Conversation, Message
from messaging.dispatch import late, stopping, waiting
from messaging.dispatch.waiting import Wait
from messaging.senders import pauses
from messaging.senders.models import Sender
from tests import make
from tests.messaging.steps import (
    UNCERTAIN,
    answered,
    balance,
    claimed,
    given_up,
    on_the_wire,
    outcomes,
    press_send,
    queued,
    sent,
    state,
    states,
)
from textengage.cast import Company
from textengage.lib import clock
from textengage.lib.refusal import Refused

HOUR = timedelta(hours=1)


def wait_of(message: Message) -> Wait | None:
    message.refresh_from_db()
    return waiting.waits_of([message], clock.now()).get(message.id)


def test_text_behind_one_in_doubt_says_until_when(thread: Conversation) -> None:
    sent(thread, UNCERTAIN)
    later = press_send(thread)
    wire_at = Attempt.objects.get().wire_at
    assert wire_at is not None
    until = wire_at + timedelta(minutes=15)
    sentence = "Waits for the previous text to be confirmed"
    assert wait_of(later) == Wait(sentence, until, may_be_ended=True)


def test_text_of_a_paused_number_says_why_and_until_when(thread: Conversation) -> None:
    message = press_send(thread)
    assert wait_of(message) is None
    until = clock.now() + HOUR
    pauses.pause_senders([Sender.objects.get().id], "The queue is full", until)
    assert wait_of(message) == Wait("Waits: The queue is full", until)


def test_text_to_a_closed_country_says_so(thread: Conversation) -> None:
    message = press_send(thread)
    account = Sender.objects.get().account_id
    pauses.pause_countries([(account, "sms", "US")], "Not open", None)
    assert wait_of(message) == Wait("Waits: Not open", None)


def test_text_far_back_in_its_numbers_queue_says_when_its_turn_comes(
    acme: Company, thread: Conversation, rita: User
) -> None:
    Sender.objects.update(segments_per_second=0.2)
    for number in range(3):
        queued(make.thread(acme, make.candidate(acme, number), rita), "x" * 200)
    last = press_send(thread)
    now = clock.now()
    assert waiting.waits_of([last], now)[last.id] == Wait(
        "Waits its turn: 3 texts go first from +1 510-555-0101", now + timedelta(seconds=30)
    )
    assert wait_of(Message.objects.earliest("due_at")) is None, "the first one only has to go"


def test_text_that_is_not_due_or_gone_waits_for_nothing(thread: Conversation) -> None:
    scheduled = press_send(thread, due_at=clock.now() + HOUR)
    gone = sent(thread)
    assert waiting.waits_of([scheduled, gone], clock.now()) == {}


def test_sent_anyway_the_earlier_one_stands_unconfirmed(thread: Conversation, rita: User) -> None:
    earlier, later = sent(thread, UNCERTAIN), press_send(thread)
    assert claimed() == []
    waiting.send_anyway(later, by=rita)
    assert (states(earlier, later), balance()) == (["unconfirmed", "queued"], 499)
    assert outcomes(earlier) == ["uncertain"]
    answered(on_the_wire())
    assert (states(earlier, later), balance()) == (["unconfirmed", "accepted"], 499)
    (entry,) = AuditEntry.objects.filter(action="message.sent_anyway")
    assert (entry.actor_id, entry.object_id) == (rita.id, later.id)


def test_proof_still_reaches_a_text_that_was_overtaken(thread: Conversation, rita: User) -> None:
    earlier, later = sent(thread, UNCERTAIN), press_send(thread)
    waiting.send_anyway(later, by=rita)
    answered(on_the_wire())
    late.prove(earlier.id, Attempt.objects.get(message=earlier).id, "SM7")
    assert (states(earlier, later), balance()) == (["accepted", "accepted"], 499)
    assert outcomes(earlier) == ["accepted"]


def test_text_that_waits_no_more_is_not_sent_anyway(thread: Conversation, rita: User) -> None:
    earlier, later = sent(thread, UNCERTAIN), press_send(thread)
    given_up(earlier)
    for message in (later, earlier):
        with pytest.raises(Refused) as refusal:
            waiting.send_anyway(message, by=rita)
        assert refusal.value.code == "not_waiting"
    assert (state(later), AuditEntry.objects.filter(action="message.sent_anyway").count()) == (
        "queued",
        0,
    )


def test_text_on_the_wire_is_waited_for(thread: Conversation, rita: User) -> None:
    press_send(thread)
    going = on_the_wire()
    later = press_send(thread)
    with pytest.raises(Refused):
        waiting.send_anyway(later, by=rita)
    answered(going)


def test_only_who_may_send_may_send_anyway(thread: Conversation, rita: User) -> None:
    earlier, later = sent(thread, UNCERTAIN), press_send(thread)
    licenses.end(rita, by=None)
    with pytest.raises(Refused) as refusal:
        waiting.send_anyway(later, by=rita)
    assert (refusal.value.code, state(earlier)) == ("no_license", "uncertain")
    licenses.give(rita, by=None)
    stopping.stop(thread.candidate, source="inbound", word="stop")
    with pytest.raises(Refused) as refusal:
        waiting.send_anyway(later, by=rita)
    assert (refusal.value.code, state(earlier)) == ("opted_out", "uncertain")
