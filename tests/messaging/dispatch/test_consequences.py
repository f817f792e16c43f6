"""What an error says beyond the one text: pauses of accounts, numbers, countries."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEntry, User
from messaging.candidates.models import Address
from messaging.conversations.models import Conversation, Message
from messaging.dispatch import consequences, errors, sweeps
from messaging.providers import Answer, Outcome
from messaging.senders import pauses
from messaging.senders.models import CountryPause, ProviderAccount, Sender
from tests import make
from tests.messaging.steps import (
    answered,
    balance,
    claimed,
    on_the_wire,
    outcomes,
    press_send,
    report,
    sent,
    state,
    states,
)
from textengage.cast import Company
from textengage.lib import clock, sql

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def refused(code: str, http_status: int = 400) -> Answer:
    return Answer(Outcome.FAILED, http_status=http_status, error_code=code)


def sender() -> Sender:
    return Sender.objects.select_related("account").get()


def paused_actions() -> list[str]:
    entries = AuditEntry.objects.filter(action__contains=".paused").order_by("id")
    return list(entries.values_list("action", flat=True))


def verdict_of(message: Message) -> tuple[Any, ...]:
    verdict = Message.objects.get(id=message.id).verdict or {}
    return verdict["effect"], verdict["code"], verdict["sentence"], verdict["until"]


@pytest.mark.parametrize("answer", [refused("20003", 401), refused("", 403), refused("77", 401)])
def test_account_that_is_turned_away_is_paused_and_keeps_its_texts(
    thread: Conversation, answer: Answer
) -> None:
    message = sent(thread, answer)
    account = ProviderAccount.objects.get()
    assert (message.state, balance(), outcomes(message)) == ("queued", 500, ["not_sent"])
    assert account.paused_reason == errors.known()["20003"].sentence.rstrip(".")
    assert (account.paused_until, paused_actions()) == (None, ["provider_account.paused"])


@pytest.mark.parametrize("code", ["21606", "21603", "21611", "30022", "30023", "30032", "30034"])
def test_refused_number_is_paused_and_keeps_its_texts(thread: Conversation, code: str) -> None:
    message = sent(thread, refused(code))
    assert (message.state, balance()) == ("queued", 500)
    assert message.error_sentence == f"{sender().pause_reason}."
    assert (ProviderAccount.objects.get().paused_reason, paused_actions()) == (
        "",
        ["sender.paused"],
    )


def test_full_queue_pauses_the_number_until_it_has_drained(thread: Conversation) -> None:
    message = sent(thread, refused("21611"))
    until = sender().paused_until
    assert until is not None
    assert message.due_at is not None
    assert timedelta(0) < clock.now() + 30 * MINUTE - until < 5 * SECOND
    assert message.due_at > clock.now() + 29 * MINUTE
    clock.shift(29 * MINUTE)
    assert sender().is_paused(clock.now())
    clock.shift(31 * MINUTE)
    assert not sender().is_paused(clock.now())
    assert sender().is_usable(clock.now())
    assert Sender.objects.usable().exists()


def test_used_up_day_waits_for_midnight_on_the_pacific_coast(thread: Conversation) -> None:
    midnight = errors.next_midnight(clock.now())
    message = sent(thread, refused("30027"))
    assert sender().paused_until == midnight
    assert message.due_at is not None
    assert timedelta(0) <= message.due_at - midnight < 61 * SECOND


def test_receipt_pauses_the_number_too_but_its_text_is_final(thread: Conversation) -> None:
    assert report("failed", of=sent(thread), error_code="30001") == "undelivered"
    assert (sender().is_paused(clock.now()), balance()) == (True, 499)


def test_many_refused_texts_make_one_pause(acme: Company, rita: User) -> None:
    for number in range(3):
        press_send(make.thread(acme, make.candidate(acme, number), rita))
    answered(on_the_wire(), refused("21606"))
    assert paused_actions() == ["sender.paused"]


def test_longer_pause_is_not_shortened(thread: Conversation) -> None:
    message = sent(thread)
    lessons = [(message.id, code, None) for code in ("30022", "21611", "30022", "21606", "21611")]
    ends = []
    for lesson in lessons:
        consequences.learn([lesson])
        ends.append(sender().paused_until)
    first, second, third, *lasting = ends
    assert first is not None
    assert second is not None
    assert first < second
    assert abs(second - (third or first)) < 5 * SECOND
    assert lasting == [None, None]
    assert sender().pause_reason == errors.known()["21606"].sentence.rstrip(".")
    assert paused_actions() == ["sender.paused"]


def test_country_that_is_not_open_waits_for_its_account_and_channel(thread: Conversation) -> None:
    message = sent(thread, refused("21408"))
    pause = CountryPause.objects.get()
    assert (message.state, balance(), pause.country, pause.channel) == ("queued", 500, "US", "sms")
    Message.objects.update(due_at=clock.now())
    assert (claimed(), state(message)) == ([], "held")
    reason = errors.known()["21408"].sentence
    assert verdict_of(message) == ("hold", "country_paused", f"Waits: {reason}", None)
    assert pauses.open_countries(pause.account_id) == 1
    Message.objects.update(due_at=clock.now())
    sweeps.release()
    assert len(claimed()) == 1


def test_text_of_a_paused_number_is_held_until_the_pause_ends(thread: Conversation) -> None:
    until = clock.now() + 30 * MINUTE
    pauses.pause_senders([sender().id], "The queue is full", until)
    message = press_send(thread)
    assert (state(message), message.due_at) == ("held", until)
    assert verdict_of(message) == (
        "hold",
        "sender_paused",
        "Waits: The queue is full.",
        until.isoformat(),
    )
    clock.shift(29 * MINUTE)
    assert (sweeps.release(), claimed()) == (0, [])
    clock.shift(31 * MINUTE)
    assert (sweeps.release(), len(claimed())) == (1, 1)


def test_text_that_was_queued_before_the_pause_is_held_at_the_claim(thread: Conversation) -> None:
    message = press_send(thread)
    until = clock.now() + 30 * MINUTE
    pauses.pause_accounts([sender().account_id], "The account rests", until)
    assert claimed() == []
    assert state(message) in ("queued", "held")
    clock.shift(31 * MINUTE)
    sweeps.release()
    assert len(claimed()) == 1


def test_held_text_still_expires_in_a_pause(thread: Conversation) -> None:
    pauses.pause_senders([sender().id], "The queue is full", clock.now() + timedelta(days=2))
    message = press_send(thread)
    clock.shift(timedelta(hours=24, seconds=1))
    assert (sweeps.expire(), state(message), balance()) == (1, "expired", 500)


def test_resumed_number_sends_what_waited_at_once(thread: Conversation, mona: User) -> None:
    pauses.pause_senders([sender().id], "The queue is full", clock.now() + timedelta(hours=3))
    messages = [press_send(thread), press_send(thread)]
    assert states(*messages) == ["held", "held"]
    assert consequences.resume_sender(sender(), by=mona)
    assert not consequences.resume_sender(sender(), by=mona)
    assert (sweeps.release(), len(claimed())) == (2, 1)
    (entry,) = AuditEntry.objects.filter(action="sender.resumed")
    assert (entry.actor_id, entry.object_id) == (mona.id, sender().id)


def test_resumed_account_opens_its_countries_too(thread: Conversation, mona: User) -> None:
    account = ProviderAccount.objects.get()
    pauses.pause_countries([(account.id, "sms", "US")], "Not open", None)
    message = press_send(thread)
    assert state(message) == "held"
    assert consequences.resume_account(account, by=mona)
    assert not consequences.resume_account(account, by=mona)
    assert (sweeps.release(), len(claimed()), CountryPause.objects.count()) == (1, 1, 0)
    assert AuditEntry.objects.filter(action="provider_account.resumed").count() == 1


def test_country_pause_is_of_one_channel_and_one_account(acme: Company, globex: Company) -> None:
    account = globex.account
    pauses.pause_countries([(account.id, "sms", "US"), (account.id, "sms", "CA")], "Closed", None)
    now = clock.now()
    theirs = pauses.countries_closed([globex.sender.id], now)
    assert set(theirs) == {(globex.sender.id, "sms", "US"), (globex.sender.id, "sms", "CA")}
    assert pauses.countries_closed([acme.sender.id], now) == {}


def test_what_gate_and_statement_call_sendable_is_the_same(acme: Company) -> None:
    now = clock.now()
    joined = "messaging_sender s JOIN messaging_provideraccount p ON p.id = s.account_id"
    statement = f"SELECT s.id FROM {joined} WHERE {pauses.SENDABLE}"  # noqa: S608
    for own in (None, "", *_ends(now)):
        for accounts in ("", *_ends(now)):
            Sender.objects.update(pause_reason="x" if own != "" else "", paused_until=own or None)
            ProviderAccount.objects.update(
                paused_reason="x" if accounts != "" else "", paused_until=accounts or None
            )
            listed = sql.rows(statement) == [(acme.sender.id,)]
            assert listed is Sender.objects.usable().exists() is sender().is_usable(clock.now())
    Sender.objects.update(state="paused", pause_reason="")
    assert sql.rows(statement) == []


def _ends(now: Any) -> list[Any]:
    return [None, now - MINUTE, now + MINUTE]


def test_lessons_of_a_batch_are_learned_by_code(acme: Company, rita: User) -> None:
    for number in range(3):
        press_send(make.thread(acme, make.candidate(acme, number), rita))
    going = on_the_wire()
    consequences.learn(
        (each.message_id, code, 400)
        for each, code in zip(going, ("21211", "21614", "21617"), strict=True)
    )
    marked = Address.objects.exclude(unusable_reason="").values_list("unusable_reason", flat=True)
    assert set(marked) == {errors.known()[code].sentence for code in ("21211", "21614")}
    answered(going)
