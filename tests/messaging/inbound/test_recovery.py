"""Texts that nobody posted here, found in the carrier's own list over HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import override_settings

from accounts.models import AuditEntry
from messaging.candidates.models import OptOut
from messaging.conversations.models import Message
from messaging.inbound import intake, recovery
from messaging.inbound.models import InboundEvent, Listing
from messaging.providers import twilio
from messaging.senders.models import Sender
from tests.messaging.inbound.events import event
from tests.messaging.simulator import program
from tests.messaging.simulator.program import Program
from tests.racing import race
from textengage import cast
from textengage.cast import Company
from textengage.lib import clock, sql

HOUR = timedelta(hours=1)
OLD = 60
"""Seconds: more than a text may still be on its way."""


@pytest.fixture(scope="module")
def running() -> Iterator[Program]:
    running = Program(
        *("--account", f"{program.ACCOUNT}:{program.TOKEN}"),
        *("--number", f"{program.ACCOUNT}:{program.NUMBER}"),
    )
    yield running
    running.stop()


@pytest.fixture
def carrier(running: Program) -> Iterator[Program]:
    """Its numbers have no address, so nothing is ever posted."""
    running.call("POST", "/carrier/reset", {"everything": True})
    with override_settings(TWILIO_BASE_URL=running.base):
        yield running


@pytest.fixture
def acme(db: None) -> Company:
    return cast.acme(program.TOKEN)


@pytest.fixture
def open_acme(committed: None) -> Company:
    return cast.acme(program.TOKEN)


def write(carrier: Program, body: str = "Hello", **of: Any) -> str:
    """Dana texts Acme, and it is lost."""
    given = {"to": program.NUMBER, "body": body, "ago": OLD} | of
    sid: str = carrier.call("POST", f"/carrier/phones/{program.DANA}/send", given)["sid"]
    return sid


def recovered() -> int:
    """A look at every number now."""
    sql.run(recovery.KNOW, recovery.BACK, recovery.EVERY)
    Listing.objects.update(next_at=clock.now())
    return recovery.recover()


def bodies() -> list[str | None]:
    intake.take_in()
    return list(Message.objects.order_by("created_at", "id").values_list("body", flat=True))


def test_lost_texts_are_found_once_and_stand_in_their_order(
    acme: Company, carrier: Program
) -> None:
    for number in range(3):
        write(carrier, f"text {number}", ago=OLD - 2 * number)
    assert [recovered(), recovered()] == [3, 0]
    assert bodies() == ["text 0", "text 1", "text 2"]
    assert set(InboundEvent.objects.values_list("recovered", "account")) == {
        (True, acme.account.id)
    }
    assert not Message.objects.filter(recovered_at__isnull=True).exists()


def test_all_pages_are_read(
    acme: Company, carrier: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "LIST_PAGE", 3)
    for number in range(10):
        write(carrier, f"text {number}", ago=OLD - number)
    assert recovered() == 10


def test_stop_found_in_the_list_acts(acme: Company, carrier: Program) -> None:
    cast.dana(acme)
    write(carrier, "STOP")
    recovered()
    intake.take_in()
    assert OptOut.objects.get().word == "STOP"


def test_what_was_posted_here_is_not_found_again(acme: Company, carrier: Program) -> None:
    stored = event(acme, "posted")
    InboundEvent.objects.filter(id=stored.id).update(event_key=write(carrier, "posted"))
    assert recovered() == 0


def test_picture_without_words_is_found(acme: Company, carrier: Program) -> None:
    write(carrier, "", media=1)
    assert (recovered(), bodies()) == (1, [""])


def test_young_text_is_left_for_a_second_look_within_seconds(
    acme: Company, carrier: Program
) -> None:
    sid = write(carrier, "on its way", ago=0)
    assert recovered() == 0
    assert Listing.objects.get().next_at - clock.now() < timedelta(seconds=16)
    InboundEvent.objects.create(
        customer=acme.customer, account=acme.account, event_key=sid, processed_at=clock.now(),
        parked=True,
    )  # fmt: skip
    assert recovered() == 0
    assert Listing.objects.get().next_at - clock.now() > timedelta(minutes=59)


def test_each_number_has_its_turn_once_an_hour(acme: Company, carrier: Program) -> None:
    write(carrier)
    assert recovery.recover() == 0
    first = Listing.objects.get()
    assert clock.now() <= first.next_at <= clock.now() + HOUR
    clock.shift(HOUR)
    assert [recovery.recover(), recovery.recover()] == [1, 0]
    second = Listing.objects.get()
    assert second.complete_until > first.complete_until
    assert second.next_at > clock.now() + timedelta(minutes=59)


def test_five_workers_ask_once(open_acme: Company, carrier: Program) -> None:
    write(carrier)
    recovery.recover()
    Listing.objects.update(next_at=clock.now())
    assert sorted(map(str, race(5, lambda _: recovery.recover()))) == [*"0000", "1"]


def test_first_look_goes_back_to_when_the_account_was_added(
    acme: Company, carrier: Program
) -> None:
    write(carrier, ago=3_600)
    assert recovered() == 0


def test_released_number_is_not_looked_up(acme: Company, carrier: Program) -> None:
    Sender.objects.update(state=Sender.RELEASED)
    write(carrier)
    assert (recovered(), Listing.objects.count()) == (0, 0)


def test_account_that_cannot_be_listed_holds_up_nobody_and_is_asked_again(
    acme: Company, carrier: Program, caplog: pytest.LogCaptureFixture
) -> None:
    globex = cast.globex("a token the carrier does not know")
    write(carrier)
    mark = clock.now()
    assert recovered() == 1
    theirs = Listing.objects.get(customer=globex.customer)
    assert (theirs.failures, theirs.complete_until < mark) == (1, True)
    assert timedelta(0) < theirs.next_at - clock.now() <= timedelta(minutes=1)
    assert recovered() == 0
    theirs.refresh_from_db()
    assert theirs.next_at - clock.now() > timedelta(minutes=1)
    assert program.NUMBER not in caplog.text


def test_account_with_an_unreadable_token_holds_up_nobody(acme: Company, carrier: Program) -> None:
    globex = cast.globex("a token")
    type(globex.account).objects.filter(id=globex.account.id).update(sealed_token="broken")
    write(carrier)
    assert recovered() == 1


def test_look_asked_for_while_one_is_under_way_is_not_lost(acme: Company, carrier: Program) -> None:
    sql.run(recovery.KNOW, recovery.BACK, recovery.EVERY)
    Listing.objects.update(next_at=clock.now())
    (row,) = sql.rows(recovery.CLAIM, recovery.LEASE, 10)
    recovery.look(acme.account, by=acme.people["Mona"])
    recovery._keep(recovery.Number(*row), [])
    write(carrier)
    assert recovery.recover() == 1


def test_look_is_audited(acme: Company, carrier: Program) -> None:
    assert recovery.look(acme.account, by=acme.people["Mona"]) == 1
    entry = AuditEntry.objects.get(action="provider_account.looked_up")
    assert (entry.actor_id, entry.object_id) == (acme.people["Mona"].id, acme.account.id)


def test_account_with_two_numbers_is_listed_for_both(acme: Company, carrier: Program) -> None:
    second = "+15105550107"
    Sender.objects.create(customer=acme.customer, account=acme.account, address=second)
    carrier.call("POST", "/carrier/numbers", {"account": program.ACCOUNT, "number": second})
    write(carrier, "one")
    write(carrier, "two", to=second)
    assert (recovered(), sorted(map(str, bodies()))) == (2, ["one", "two"])
