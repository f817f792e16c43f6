"""Many hands at once, over real connections."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import AuditEntry, User
from credits.models import LedgerEntry
from messaging.candidates.models import OptOut
from messaging.conversations import threads
from messaging.conversations.models import Attempt, Conversation, Message
from messaging.dispatch import claim, outbox, stopping, sweeps, wire
from messaging.dispatch.drafting import Draft
from tests import make
from tests.messaging.steps import answered, balance, on_the_wire, press_send, states
from tests.racing import kinds, race
from textengage import cast
from textengage.cast import Company
from textengage.lib.refusal import Refused


@pytest.fixture
def rita(open_acme: Company) -> User:
    return open_acme.people["Rita"]


@pytest.fixture
def thread(open_acme: Company, rita: User) -> Conversation:
    return threads.open_with(cast.dana(open_acme), by=rita)


def test_twenty_clicks_make_one_text(thread: Conversation, rita: User) -> None:
    draft = Draft(thread, "Hi", id=uuid4())
    results = race(20, lambda _: outbox.send(draft, by=rita))
    assert kinds(results) == {"Message": 20}
    assert Message.objects.count() == 1
    assert AuditEntry.objects.filter(action="message.queued").count() == 1


def test_ten_clicks_on_send_again_make_one_text(thread: Conversation, rita: User) -> None:
    message = press_send(thread)
    on_the_wire()
    Message.objects.update(state="unconfirmed")
    Attempt.objects.update(outcome="absent", finished_at=message.created_at)
    message.refresh_from_db()
    results = race(10, lambda _: outbox.send_again(message, by=rita))
    assert kinds(results) == {"Message": 10}
    assert Message.objects.exclude(id=message.id).count() == 1
    assert AuditEntry.objects.filter(action="message.sent_again").count() == 1


def test_eight_pumps_claim_each_text_once(open_acme: Company, rita: User) -> None:
    for number in range(20):
        thread = make.thread(open_acme, make.candidate(open_acme, number), rita)
        for _ in range(2):
            press_send(thread)

    def pump(_: int) -> int:
        done = 0
        while going := claim.claim(5):
            wire.start([each.attempt_id for each in going])
            answered(going)
            done += len(going)
        return done

    done = [each for each in race(8, pump) if isinstance(each, int)]
    while (more := pump(0)) > 0:
        done.append(more)
    assert (sum(done), Attempt.objects.count(), balance()) == (40, 40, 480)
    assert set(Message.objects.values_list("state", flat=True)) == {"accepted"}


def test_cancel_and_start_have_one_winner(open_acme: Company, rita: User) -> None:
    for number in range(5):
        press_send(make.thread(open_acme, make.candidate(open_acme, number), rita))
    going = claim.claim(10)
    messages = [Message.objects.get(id=each.message_id) for each in going]
    work: list[Callable[[], Any]] = []
    for each, message in zip(going, messages, strict=True):
        work.append(lambda each=each: wire.start([each.attempt_id]))  # type: ignore[misc]
        work.append(lambda message=message: _canceled(message, rita))  # type: ignore[misc]
    results = race(len(work), lambda number: work[number]())
    started = [bool(each) for each in results[::2]]
    canceled = [bool(each) for each in results[1::2]]
    assert started == [not each for each in canceled]
    assert states(*messages) == ["sending" if each else "canceled" for each in started]
    assert balance() == 500 - sum(started)


def _canceled(message: Message, by: User) -> bool:
    try:
        outbox.cancel(message, by=by)
    except Refused:
        return False
    return True


def test_stop_races_claim_start_and_sweep_without_a_text_past_it(
    open_acme: Company, rita: User
) -> None:
    """Invariant S1 is looked at when this is over."""
    candidates = [make.candidate(open_acme, number) for number in range(6)]
    for candidate in candidates:
        for _ in range(2):
            press_send(make.thread(open_acme, candidate, rita))

    def work(number: int) -> int:
        if number < 6:
            return int(stopping.stop(candidates[number], source="inbound", word="stop") is not None)
        for _ in range(4):
            going = claim.claim(3)
            allowed = wire.start([each.attempt_id for each in going])
            answered([each for each in going if each.attempt_id in allowed])
            sweeps.sweep()
        return 0

    results = race(10, work)
    assert (sum(each for each in results if isinstance(each, int)), kinds(results)) == (
        6,
        {"int": 10},
    )
    assert OptOut.objects.count() == 6
    assert not Message.objects.filter(state__in=("queued", "claimed", "sending")).exists()
    charged = LedgerEntry.objects.filter(kind="charge").count()
    assert charged - LedgerEntry.objects.filter(kind="refund").count() == 500 - balance()
