"""Texts that come late: their place in the thread, their news, and the orders in them."""

import itertools
from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from accounts.models import User
from messaging.candidates import optout
from messaging.candidates.models import Candidate
from messaging.conversations import inbox
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import stopping
from messaging.inbound import intake
from messaging.inbound.models import InboundEvent
from messaging.providers.twilio import LISTED_AT
from tests import make
from tests.messaging.inbound.events import answers, arrive, event
from tests.racing import race
from textengage.cast import Company
from textengage.lib import clock

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def found(company: Company, body: str, at: datetime, sid: str = "") -> InboundEvent:
    """A text of Dana's in the provider's list."""
    stored = event(
        company, body, **{LISTED_AT: at.isoformat()}, **({"MessageSid": sid} if sid else {})
    )
    InboundEvent.objects.filter(id=stored.id).update(recovered=True)
    return stored


def take_in(company: Company, texts: Iterable[tuple[str, datetime]]) -> None:
    for body, at in texts:
        found(company, body, at)
        intake.take_in()


def shown(thread: Conversation) -> list[str | None]:
    return [text.body for text in inbox.texts(thread)[0]]


def test_late_text_stands_at_the_providers_time_and_says_so(
    acme: Company, thread: Conversation
) -> None:
    now = clock.now()
    arrive(acme, "Are you there?")
    take_in(acme, [("Hello", now - 30 * MINUTE)])
    message = Message.objects.get(body="Hello")
    assert (message.created_at, shown(thread)) == (now - 30 * MINUTE, ["Hello", "Are you there?"])
    assert message.recovered_at is not None
    assert message.recovered_at >= now


def test_providers_clock_ahead_of_ours_puts_nothing_into_the_future(
    acme: Company, thread: Conversation
) -> None:
    stored = found(acme, "Yes", clock.now() + HOUR)
    intake.take_in()
    assert Message.objects.get(body="Yes").created_at == stored.received_at


def test_texts_of_one_second_have_one_order_however_they_come(
    acme: Company, thread: Conversation
) -> None:
    at = clock.now().replace(microsecond=0) - HOUR
    sids = [f"SM{number:032x}" for number in range(4)]
    orders = set()
    for arrival in itertools.permutations(sids):
        for sid in arrival:
            stored = found(acme, sid, at, sid)
            InboundEvent.objects.filter(id=stored.id).update(event_key=sid)
            intake.take_in()
        orders.add(tuple(shown(thread)))
        InboundEvent.objects.all().delete()
        Message.objects.all().delete()
    assert [sorted(map(str, order)) for order in orders] == [sids]


def is_stopped(candidate: Candidate) -> bool:
    return optout.state_of(candidate) is not None


def test_late_stop_acts_and_is_confirmed_only_when_fresh(acme: Company, dana: Candidate) -> None:
    take_in(acme, [("STOP", clock.now() - 6 * MINUTE)])
    assert (is_stopped(dana), answers()) == (True, [])
    take_in(acme, [("START", clock.now() - 4 * MINUTE), ("STOP", clock.now() - 3 * MINUTE)])
    assert (is_stopped(dana), len(answers())) == (True, 2)


@pytest.mark.parametrize(
    ("texts", "stopped"),
    [
        ([("START", 1), ("STOP", 2)], False),
        ([("STOP", 1), ("START", 2)], True),
        ([("STOP", 1), ("STOP", 3), ("START", 2)], True),
        ([("STOP", 3), ("START", 1), ("STOP", 2)], False),
        ([("STOP", 1), ("START", 1)], True),
        ([("STOP", 2), ("START", 1)], False),
    ],
)
def test_last_word_counts_in_whatever_order_it_is_found(
    acme: Company, dana: Candidate, texts: list[tuple[str, int]], stopped: bool
) -> None:
    """The number is how many minutes ago it was written."""
    now = clock.now()
    take_in(acme, [(word, now - ago * MINUTE) for word, ago in texts])
    assert is_stopped(dana) == stopped


def test_late_start_does_not_lift_what_staff_recorded_after_it(
    acme: Company, dana: Candidate, rita: User
) -> None:
    at = clock.now() - HOUR
    stopping.stop(dana, source="staff", by=rita)
    take_in(acme, [("START", at)])
    assert (is_stopped(dana), answers()) == (True, [])


def test_start_and_stop_taken_side_by_side_end_in_the_last_word(open_acme: Company) -> None:
    candidate = make.candidate(open_acme)
    sender = candidate.addresses.get().address
    stopping.stop(candidate, source="staff", by=None)
    for turn in range(6):
        event(open_acme, "START" if turn % 2 == 0 else "STOP", sender=sender)
    race(6, lambda _: intake.take_in())
    assert is_stopped(candidate)


def test_stop_whose_worker_died_acts_when_another_looks(acme: Company, dana: Candidate) -> None:
    """Stored and answered, then nothing: the event itself is what is left to do."""
    event(acme, "STOP")
    assert not is_stopped(dana)
    assert (intake.take_in(), is_stopped(dana)) == (1, True)
