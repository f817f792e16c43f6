"""What the provider answered becomes the text's state, and who gets a contact back."""

import pytest

from accounts.models import User
from messaging.candidates import optout
from messaging.candidates.models import Address, Candidate
from messaging.conversations.models import Attempt, Conversation, Message
from messaging.dispatch import errors, settle
from messaging.dispatch.settle import Settled
from messaging.providers import Answer, Outcome
from messaging.senders.models import ProviderAccount
from tests import make
from tests.messaging.gate.items import counting
from tests.messaging.steps import (
    FAILED,
    NOT_SENT,
    UNCERTAIN,
    answered,
    balance,
    on_the_wire,
    outcomes,
    press_send,
    sent,
    state,
    states,
    yes,
)
from textengage.cast import Company
from textengage.lib import clock


def refused(code: str) -> Answer:
    return Answer(Outcome.FAILED, http_status=400, error_code=code)


def test_accepted_text_has_its_id_and_keeps_its_charge(thread: Conversation) -> None:
    message = sent(thread, yes("SM1"))
    attempt = Attempt.objects.get()
    assert (message.state, message.provider_sid, balance()) == ("accepted", "SM1", 499)
    assert message.accepted_at is not None
    assert (attempt.outcome, attempt.provider_sid, attempt.http_status) == ("accepted", "SM1", 201)
    assert attempt.finished_at is not None


def test_failed_text_says_why_and_gives_the_contact_back(thread: Conversation) -> None:
    message = sent(thread, FAILED)
    assert (message.state, message.error_code, balance()) == ("failed", "30007", 500)
    assert message.error_sentence == errors.meaning_of("30007").sentence
    assert outcomes(message) == ["failed"]


def test_text_that_was_not_sent_goes_later(thread: Conversation) -> None:
    message = sent(thread, NOT_SENT)
    wait = (message.due_at - clock.now()).total_seconds() if message.due_at else 0
    assert (message.state, balance(), outcomes(message)) == ("queued", 500, ["not_sent"])
    assert message.error_sentence == "The carrier could not be reached."
    assert 4.5 <= wait <= 6.5


def test_text_asked_to_wait_waits_that_long(thread: Conversation) -> None:
    answer = Answer(Outcome.NOT_SENT, http_status=429, error_code="20429", retry_after=40)
    message = sent(thread, answer)
    wait = (message.due_at - clock.now()).total_seconds() if message.due_at else 0
    assert message.error_sentence == "The carrier asked us to slow down."
    assert 39 <= wait <= 50


def test_text_in_doubt_keeps_its_charge_and_its_open_attempt(thread: Conversation) -> None:
    message = sent(thread, UNCERTAIN)
    attempt = Attempt.objects.get()
    assert (message.state, balance()) == ("uncertain", 499)
    assert (attempt.outcome, attempt.finished_at) == ("uncertain", None)


def test_next_try_of_a_text_that_was_not_sent_is_charged_anew(thread: Conversation) -> None:
    message = sent(thread, NOT_SENT)
    Message.objects.update(due_at=clock.now())
    answered(on_the_wire())
    message.refresh_from_db()
    assert (message.state, balance()) == ("accepted", 499)
    assert (message.error_code, message.error_sentence) == ("", "")
    assert outcomes(message) == ["not_sent", "accepted"]


@pytest.mark.parametrize("answer", [FAILED, NOT_SENT, UNCERTAIN, yes("SM1")])
def test_settling_twice_changes_nothing(thread: Conversation, answer: Answer) -> None:
    message = press_send(thread)
    going = on_the_wire()
    answered(going, answer)
    before = (state(message), balance(), outcomes(message))
    for other in (answer, yes("SM2"), FAILED):
        if answer is not UNCERTAIN:
            answered(going, other)
    assert (state(message), balance(), outcomes(message)) == before


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(yes("SM1"), ("accepted", 499)), (FAILED, ("failed", 500)), (NOT_SENT, ("queued", 500))],
)
def test_answer_that_comes_after_the_doubt_settles_it(
    thread: Conversation, answer: Answer, expected: tuple[str, int]
) -> None:
    message = press_send(thread)
    going = on_the_wire()
    answered(going, UNCERTAIN)
    answered(going, answer)
    assert (state(message), balance()) == expected


def test_text_that_was_taken_back_hears_no_answer(thread: Conversation) -> None:
    message = sent(thread, NOT_SENT)
    attempt = Attempt.objects.get()
    settle.settle([Settled(message.id, attempt.id, yes("SM1"))])
    assert (state(message), outcomes(message)) == ("queued", ["not_sent"])


@pytest.mark.parametrize("code", ["21211", "21614", "30005", "30006"])
def test_unusable_number_is_remembered(thread: Conversation, code: str) -> None:
    message = sent(thread, refused(code))
    assert Address.objects.get().unusable_reason == message.error_sentence


def test_opted_out_at_the_carrier_is_do_not_text(thread: Conversation, dana: Candidate) -> None:
    waiting = press_send(thread)
    answered(on_the_wire(), refused("21610"))
    given = optout.state_of(dana)
    assert given is not None
    assert (given.source, given.evidence) == ("provider", "error 21610")
    assert (state(waiting), balance()) == ("failed", 500)


def test_opted_out_at_the_carrier_stops_what_waits(thread: Conversation) -> None:
    first, second = press_send(thread), press_send(thread)
    answered(on_the_wire(), refused("21610"))
    assert (states(first, second), balance()) == (["failed", "refused"], 500)


@pytest.mark.parametrize("code", ["20003", "20005", "30002"])
def test_refused_account_is_paused_and_its_texts_wait(thread: Conversation, code: str) -> None:
    message = sent(thread, refused(code))
    account = ProviderAccount.objects.get()
    assert (message.state, balance(), outcomes(message)) == ("queued", 500, ["not_sent"])
    assert f"{account.paused_reason}." == message.error_sentence


def test_unknown_code_is_final_and_shown(thread: Conversation) -> None:
    message = sent(thread, refused("45999"))
    assert (message.state, message.error_sentence) == (
        "failed",
        "The carrier refused it (code 45999).",
    )


def test_settling_nothing_is_harmless() -> None:
    settle.settle([])


def test_each_of_a_batch_is_settled_by_its_own_answer(acme: Company, rita: User) -> None:
    known = [make.thread(acme, make.candidate(acme, number), rita) for number in range(4)]
    messages = [press_send(thread) for thread in known]
    by_message = {each.message_id: each for each in on_the_wire()}
    answers = [yes("SM1"), FAILED, NOT_SENT, UNCERTAIN]
    settle.settle(
        [
            Settled(message.id, by_message[message.id].attempt_id, answer)
            for message, answer in zip(messages, answers, strict=True)
        ]
    )
    assert states(*messages) == ["accepted", "failed", "queued", "uncertain"]
    assert balance() == 498


@pytest.mark.parametrize("answer", [None, NOT_SENT, UNCERTAIN])
def test_settle_asks_as_much_for_thirty_as_for_one(
    acme: Company, rita: User, answer: Answer | None
) -> None:
    counts = []
    for numbers in (range(1), range(1, 31)):
        for number in numbers:
            press_send(make.thread(acme, make.candidate(acme, number), rita))
        going = on_the_wire()
        with counting() as statements:
            answered(going, answer)
        counts.append(len(statements))
    assert counts[0] == counts[1]
