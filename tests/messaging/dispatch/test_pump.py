"""The pump as a whole, with the carrier as a process and every step over HTTP."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator

import pytest
from django.test import override_settings

from accounts.models import User
from credits.models import LedgerEntry
from messaging.conversations.models import Attempt, Conversation, Message
from messaging.dispatch import pump as pumping
from messaging.dispatch import receipts, sessions
from messaging.dispatch.pump import Pump
from messaging.dispatch.settle import Settled
from messaging.inbound import intake
from messaging.senders.models import ProviderAccount
from tests import make
from tests.messaging.dispatch.web import hooks_server
from tests.messaging.simulator import program
from tests.messaging.simulator.program import Program, until
from tests.messaging.steps import balance, on_the_wire, press_send, state, yes
from textengage import cast
from textengage.cast import Company
from textengage.lib import sql

QUICK = ("--sent-after", "0.02", "--final-after", "0.02", "--answer-after", "0.02")


@pytest.fixture(scope="module")
def running() -> Iterator[Program]:
    running = Program(
        *("--account", f"{program.ACCOUNT}:{program.TOKEN}"),
        *("--number", f"{program.ACCOUNT}:{program.NUMBER}"),
        *QUICK,
    )
    yield running
    running.stop()


@pytest.fixture
def open_acme(committed: None) -> Company:
    return cast.acme(program.TOKEN)


@pytest.fixture
def carrier(running: Program, open_acme: Company) -> Iterator[Program]:
    """The carrier, and hooks that it can reach."""
    running.call("POST", "/carrier/reset", {"everything": True})
    with (
        hooks_server() as public,
        override_settings(PUBLIC_URL=public, TWILIO_BASE_URL=running.base),
    ):
        path = f"/hooks/twilio/{open_acme.account.id}/inbound/"
        number = {"account": program.ACCOUNT, "number": program.NUMBER, "sms_url": public + path}
        running.call("POST", "/carrier/numbers", number)
        yield running
        running.faults(**dict.fromkeys(("latency", "refuse_429", "drop_answer")))


@pytest.fixture
def pump(carrier: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pump]:
    monkeypatch.setattr(pumping, "IDLE", 0.1)
    pump = Pump(intake=(receipts.apply_waiting, intake.take_in), in_flight=20)
    pump.start()
    yield pump
    pump.stop()


@pytest.fixture
def rita(open_acme: Company) -> User:
    return open_acme.people["Rita"]


@pytest.fixture
def thread(open_acme: Company, rita: User) -> Conversation:
    return make.thread(open_acme, cast.dana(open_acme), rita)


def in_state(wanted: str) -> int:
    return Message.objects.filter(direction="out", state=wanted).count()


def test_fifty_texts_are_delivered_in_each_persons_order(
    open_acme: Company, rita: User, pump: Pump, carrier: Program
) -> None:
    people = [make.candidate(open_acme, number) for number in range(10)]
    for turn in range(5):
        for person in people:
            press_send(make.thread(open_acme, person, rita), f"Text {turn}")
    until(lambda: in_state("delivered") == 50, seconds=20)
    arrived: dict[str, list[str]] = defaultdict(list)
    for text in carrier.truth():
        arrived[text["to"]].append(text["body"])
    assert list(arrived.values()) == [[f"Text {turn}" for turn in range(5)]] * 10
    assert (balance(), Attempt.objects.count()) == (490, 50)


def test_answer_of_the_person_comes_in(thread: Conversation, pump: Pump, carrier: Program) -> None:
    carrier.text_from(program.DANA, "Yes, please")
    until(lambda: Message.objects.filter(direction="in", body="Yes, please").exists())
    thread.refresh_from_db()
    assert (thread.last_preview, thread.last_direction) == ("Yes, please", "in")


def test_lost_answer_is_proven_by_the_receipt(
    thread: Conversation, pump: Pump, carrier: Program
) -> None:
    carrier.faults(drop_answer={"next": 1})
    message = press_send(thread)
    until(lambda: state(message) == "delivered")
    assert (len(carrier.truth()), balance()) == (1, 499)


def test_text_refused_for_haste_goes_a_moment_later(
    thread: Conversation, pump: Pump, carrier: Program
) -> None:
    carrier.faults(refuse_429={"next": 1, "retry_after": 0})
    message = press_send(thread)
    until(lambda: state(message) == "delivered")
    kinds = LedgerEntry.objects.order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["grant", "charge", "refund", "charge"]


def test_stopped_pump_waits_for_what_is_on_the_wire(
    open_acme: Company, rita: User, pump: Pump, carrier: Program
) -> None:
    carrier.faults(latency={"seconds": 0.5})
    for number in range(10):
        press_send(make.thread(open_acme, make.candidate(open_acme, number), rita))
    until(lambda: in_state("sending") > 0)
    pump.stop()
    assert in_state("sending") == 0
    assert (in_state("accepted") + in_state("sent") + in_state("delivered")) == len(carrier.truth())
    assert not pump.thread.is_alive()


def test_account_with_an_unreadable_token_holds_up_nobody(
    open_acme: Company,
    rita: User,
    thread: Conversation,
    carrier: Program,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(pumping, "START_WITHIN", 0.2)
    globex = cast.globex("a token")
    ProviderAccount.objects.filter(id=globex.account.id).update(sealed_token="broken")
    for number in range(3):
        press_send(make.thread(globex, make.candidate(globex, number), globex.people["Gus"]))
    pump = Pump(in_flight=3)
    pump.start()
    try:
        until(lambda: in_state("claimed") == 3)
        message = press_send(thread)
        until(lambda: state(message) == "accepted")
    finally:
        pump.stop()
    sql.run("UPDATE messaging_message SET state_changed_at = app_now() WHERE state = 'claimed'")
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_answer_that_cannot_be_written_costs_nobody_else_theirs(
    open_acme: Company, rita: User, caplog: pytest.LogCaptureFixture
) -> None:
    """A provider gives one id to two texts: the second stays in doubt, the third is settled."""
    for number in range(3):
        press_send(make.thread(open_acme, make.candidate(open_acme, number), rita))
    going = on_the_wire()

    async def settle() -> int:
        pump = Pump()
        pump.loop = asyncio.get_running_loop()
        pump.wake = {"claim": asyncio.Event(), "replies": asyncio.Event()}
        pump.settled = [
            Settled(each.message_id, each.attempt_id, yes(sid))
            for each, sid in zip(going, ("SM1", "SM1", "SM2"), strict=True)
        ]
        pump.unsettled = 3
        await pump._settle()
        await pump._in(pump.answers, sessions.hang_up)
        return pump.unsettled

    assert asyncio.run(settle()) == 0
    assert [state(each.message_id) for each in going] == ["accepted", "sending", "accepted"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_broken_intake_is_tried_again_and_stops_nothing(
    thread: Conversation, carrier: Program, caplog: pytest.LogCaptureFixture
) -> None:
    calls: list[int] = []

    def broken() -> int:
        calls.append(1)
        raise ValueError("poison")

    pump = Pump(intake=(broken,))
    pump.start()
    try:
        message = press_send(thread)
        until(lambda: state(message) == "accepted" and len(calls) > 1)
    finally:
        pump.stop()
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
