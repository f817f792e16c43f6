"""Many texts at once: every row ends queued, held or refused."""

from datetime import timedelta

import pytest

from accounts.models import User
from messaging.candidates.models import Candidate
from messaging.conversations import threads
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import outbox, stopping
from messaging.dispatch.drafting import Draft
from tests import make
from tests.messaging import ledger_state
from tests.messaging.gate.items import counting
from tests.messaging.steps import UNCERTAIN, given_up, press_send, queued, sent, state
from textengage.cast import Company
from textengage.lib import clock, sql
from textengage.lib.refusal import Refused

MINUTE = timedelta(minutes=1)


@pytest.fixture
def five(acme: Company, rita: User) -> list[Conversation]:
    return [make.thread(acme, make.candidate(acme, number), rita) for number in range(5)]


def test_queue_of_nothing_writes_nothing(rita: User) -> None:
    assert outbox.queue([], by=rita) == []


def test_queue_keeps_a_row_for_each_with_its_verdict(five: list[Conversation], rita: User) -> None:
    stopping.stop(five[1].candidate, source="inbound", word="stop")
    drafts = [Draft(thread, "Hi" if number != 3 else "") for number, thread in enumerate(five)]
    messages = outbox.queue(drafts, by=rita)
    assert [(each.state, (each.verdict or {})["code"]) for each in messages] == [
        ("queued", ""),
        ("refused", "opted_out"),
        ("queued", ""),
        ("refused", "empty"),
        ("queued", ""),
    ]


def test_queue_holds_those_without_a_contact(five: list[Conversation], rita: User) -> None:
    ledger_state.leave(2)
    messages = outbox.queue([Draft(thread, "Hi") for thread in five], by=rita)
    assert [each.state for each in messages] == ["queued"] * 2 + ["held"] * 3


def test_those_queued_before_come_first(five: list[Conversation], rita: User) -> None:
    ledger_state.leave(2)
    outbox.queue([Draft(thread, "Hi") for thread in five[:2]], by=rita)
    with pytest.raises(Refused) as refusal:
        press_send(five[2])
    assert refusal.value.code == "no_contacts"
    assert press_send(five[0]).state == "queued"


def test_send_that_may_wait_is_held_for_contacts(five: list[Conversation], rita: User) -> None:
    ledger_state.leave(0)
    message = outbox.send(Draft(five[0], "Hi"), by=rita, wait_for_contacts=True)
    assert message.due_at is not None
    assert (message.state, message.due_at > clock.now()) == ("held", True)


def test_held_text_for_tomorrow_is_still_for_tomorrow(five: list[Conversation], rita: User) -> None:
    ledger_state.leave(0)
    tomorrow = clock.now() + timedelta(days=1)
    assert queued(five[0], due_at=tomorrow).due_at == tomorrow


@pytest.mark.parametrize(
    ("kind", "life", "priority"),
    [
        ("typed", timedelta(hours=24), 0),
        ("api", timedelta(hours=24), 0),
        ("automatic", timedelta(hours=6), 0),
        ("campaign", timedelta(days=7), 1),
    ],
)
def test_kind_decides_how_long_and_how_soon(
    thread: Conversation, kind: str, life: timedelta, priority: int
) -> None:
    message = queued(thread, kind=kind)
    assert message.due_at is not None
    assert (message.expires_at, message.priority) == (message.due_at + life, priority)


def test_queue_asks_as_much_for_thirty_as_for_one(acme: Company, rita: User) -> None:
    known = [make.thread(acme, make.candidate(acme, number), rita) for number in range(31)]
    with counting() as for_one:
        outbox.queue([Draft(known[30], "Hi")], by=rita)
    with counting() as for_thirty:
        outbox.queue([Draft(thread, "Hi") for thread in known[:30]], by=rita)
    assert len(for_thirty) == len(for_one)


def test_confirmation_stands_for_nobody(thread: Conversation, acme: Company) -> None:
    stopping.stop(thread.candidate, source="inbound", word="stop")
    draft = Draft(thread, "You will get no more texts.", kind="compliance", sender=acme.sender)
    (message,) = outbox.queue([draft], by=None)
    assert (message.state, message.author, message.licensee) == ("queued", None, None)


def test_writer_takes_a_thread_nobody_owns(acme: Company, omar: Candidate, rita: User) -> None:
    thread = threads.open_with(omar, by=None)
    outbox.send(Draft(thread, "Hi"), by=rita)
    thread.refresh_from_db()
    assert thread.owner == rita


def test_writer_does_not_take_a_colleagues_thread(thread: Conversation, mona: User) -> None:
    threads.adopt([thread.id], by=mona)
    thread.refresh_from_db()
    assert thread.owner is not None
    assert thread.owner.first_name == "Rita"


def unconfirmed(thread: Conversation) -> Message:
    message = press_send(thread)
    sql.run(
        "UPDATE messaging_message SET state = 'unconfirmed', decided_at = app_now(),"
        " contact_key = %s WHERE id = %s",
        thread.candidate.contact_key,
        message.id,
    )
    message.refresh_from_db()
    return message


def test_send_again_is_for_unconfirmed_texts_alone(thread: Conversation, rita: User) -> None:
    with pytest.raises(Refused) as refusal:
        outbox.send_again(press_send(thread), by=rita)
    assert (refusal.value.code, Message.objects.count()) == ("not_unconfirmed", 1)


def test_send_again_is_refused_as_any_text(thread: Conversation, rita: User) -> None:
    message = sent(thread, UNCERTAIN)
    given_up(message)
    stopping.stop(thread.candidate, source="inbound", word="stop")
    with pytest.raises(Refused) as refusal:
        outbox.send_again(message, by=rita)
    assert (refusal.value.code, state(message)) == ("opted_out", "unconfirmed")
