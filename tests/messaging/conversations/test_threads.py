"""One thread per person, and a summary equal to its newest text."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction

from accounts.models import User
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import outbox
from messaging.dispatch.drafting import Draft
from tests import make
from tests.messaging.gate.items import counting
from tests.messaging.steps import FAILED, sent
from tests.racing import race
from textengage import cast
from textengage.cast import Company
from textengage.lib import clock, sql

pytestmark = pytest.mark.usefixtures("everyone")


def summary(thread: Conversation) -> tuple[str, str]:
    thread.refresh_from_db()
    return thread.last_preview, thread.last_direction


def test_thread_is_the_first_writers(omar: Candidate, rita: User, rex: User) -> None:
    first, second = threads.open_with(omar, by=rita), threads.open_with(omar, by=rex)
    assert (first.id, first.owner, second.owner) == (second.id, rita, rita)


def test_thread_of_a_stranger_has_no_owner(omar: Candidate, gus: User) -> None:
    assert threads.open_with(omar, by=None).owner is None
    assert threads.open_with(omar, by=gus).owner is None


def test_thread_opened_by_ten_at_once_is_one(open_acme: Company) -> None:
    candidate = cast.omar(open_acme)
    rita = open_acme.people["Rita"]
    opened = race(10, lambda _: str(threads.open_with(candidate, by=rita).id))
    assert (len(set(map(str, opened))), Conversation.objects.count()) == (1, 1)


def test_summary_is_the_newest_text(thread: Conversation) -> None:
    make.inbound(thread, "Hello")
    make.outbound(thread, "Hi there")
    assert summary(thread) == ("Hi there", "out")


@pytest.mark.parametrize("state", ["canceled", "refused", "expired", "failed"])
def test_text_that_never_left_says_nothing(thread: Conversation, state: str) -> None:
    make.inbound(thread, "Hello")
    make.outbound(thread, "Hi there", state=state)
    assert summary(thread) == ("Hello", "in")


def test_failed_text_gives_the_word_back(thread: Conversation) -> None:
    make.inbound(thread, "Hello")
    sent(thread, FAILED)
    assert summary(thread) == ("Hello", "in")


def test_thread_with_nothing_left_says_nothing(thread: Conversation, rita: User) -> None:
    message = outbox.send(Draft(thread, "Hi"), by=rita)
    outbox.cancel(message, by=rita)
    assert summary(thread) == ("", "")
    assert (thread.last_message_at, thread.waiting_since) == (None, None)


def test_long_text_is_cut(thread: Conversation) -> None:
    make.inbound(thread, "x" * 500)
    assert summary(thread) == ("x" * 120, "in")


def test_person_waits_since_the_first_unanswered_text(thread: Conversation) -> None:
    first = make.inbound(thread, "Hello")
    make.inbound(thread, "Anybody there?")
    thread.refresh_from_db()
    assert thread.waiting_since == first.created_at
    make.outbound(thread)
    thread.refresh_from_db()
    assert thread.waiting_since is None


def test_stop_waits_for_no_answer(thread: Conversation) -> None:
    make.inbound(thread, "Hello")
    make.inbound(thread, "STOP", kind="compliance")
    assert summary(thread) == ("STOP", "")
    assert thread.waiting_since is None


def test_confirmation_does_not_speak_for_the_thread(thread: Conversation) -> None:
    make.inbound(thread, "STOP", kind="compliance")
    make.outbound(thread, "You will get no more texts.", kind="compliance")
    assert summary(thread) == ("STOP", "")


def test_answer_opens_a_closed_thread(thread: Conversation) -> None:
    Conversation.objects.update(state="closed")
    make.outbound(thread)
    assert Conversation.objects.get().state == "closed"
    make.inbound(thread)
    assert Conversation.objects.get().state == "open"


def test_every_change_raises_the_version(thread: Conversation) -> None:
    before = Conversation.objects.get().version
    make.inbound(thread)
    make.inbound(thread)
    assert Conversation.objects.get().version == before + 2


def test_summarizing_many_takes_three_statements(acme: Company, rita: User) -> None:
    known = [make.thread(acme, make.candidate(acme, number), rita) for number in range(5)]
    with counting() as statements:
        threads.summarize((acme.customer.id, thread.id) for thread in known)
    assert len(statements) == 3


def test_text_that_waited_for_a_newer_one_does_not_hide_it(open_acme: Company) -> None:
    thread = threads.open_with(cast.dana(open_acme), by=open_acme.people["Rita"])
    earlier = clock.now()
    written = threading.Barrier(2)

    def write(number: int) -> None:
        with transaction.atomic():
            if number == 0:
                make.inbound(thread, "newer")
                written.wait(20)
                wait_until_somebody_waits()
            else:
                written.wait(20)
                make.inbound(thread, "older", created_at=earlier)

    assert race(2, write) == [None, None]
    assert summary(thread) == ("newer", "in")


def wait_until_somebody_waits() -> None:
    """Until another connection stands before a lock."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    for _ in range(200):
        if sql.rows(waiting) != [(0,)]:
            return
        time.sleep(0.01)


def late(thread: Conversation, body: str, minutes_ago: int) -> Message:
    """A text of the person's that was found just now."""
    now = clock.now()
    at = now - timedelta(minutes=minutes_ago)
    return make.inbound(thread, body, created_at=at, recovered_at=now)


def test_text_found_behind_ours_needs_a_reply_until_somebody_writes(thread: Conversation) -> None:
    make.outbound(thread, "Are you there?", created_at=clock.now() - timedelta(minutes=20))
    text = late(thread, "Yes", 30)
    assert summary(thread) == ("Yes", "in")
    assert (thread.waiting_since, thread.last_message_at) == (text.created_at, text.recovered_at)
    make.outbound(thread, "Thanks!")
    assert summary(thread) == ("Thanks!", "out")


def test_wait_and_newest_instant_do_not_go_back(thread: Conversation) -> None:
    first = make.inbound(thread, "Second", created_at=clock.now() - timedelta(minutes=10))
    text = late(thread, "First", 30)
    thread.refresh_from_db()
    assert (thread.waiting_since, thread.last_message_at) == (first.created_at, text.recovered_at)


def test_order_found_late_waits_for_no_answer(thread: Conversation) -> None:
    now = clock.now()
    make.inbound(thread, "STOP", kind="compliance", created_at=now, recovered_at=now)
    thread.refresh_from_db()
    assert (thread.last_direction, thread.waiting_since) == ("", None)
