"""STOP, START and HELP are obeyed at once, each with one free confirmation."""

from datetime import timedelta

import pytest

from messaging.candidates import addresses, optout
from messaging.candidates.models import Address, Candidate, OptOut
from messaging.conversations.models import Conversation
from messaging.dispatch import stopping
from messaging.inbound import intake
from tests.messaging import steps
from tests.messaging.inbound.events import DANA, STRANGER, answers, arrive, event
from tests.messaging.inbound.spellings import ORDINARY, STOPS
from tests.racing import race
from textengage.cast import Company
from textengage.lib import clock

OTHER = "+15105550188"
STOPPED = "You will get no more texts from Acme. Reply START to get them again."
STARTED = "You will get texts from Acme again. Reply STOP to stop, HELP for help."
HELP = "Acme recruiting. Reply STOP to get no more texts. Ask us anything by text."


def is_stopped(candidate: Candidate) -> bool:
    return optout.state_of(candidate) is not None


def told() -> list[str | None]:
    return [each.body for each in answers()]


def second_address(candidate: Candidate) -> Address:
    made = Address.objects.create(
        customer=candidate.customer,
        candidate=candidate,
        channel="sms",
        address=OTHER,
        address_key=addresses.key_of("sms", OTHER),
    )
    optout.join(candidate, made)
    return made


def test_stop_opts_out_and_confirms_once(acme: Company, dana: Candidate) -> None:
    message = arrive(acme, "Stop!")
    given = OptOut.objects.get()
    assert (given.source, given.word, given.message_id) == ("inbound", "Stop!", message.id)
    (answer,) = answers()
    assert (answer.body, answer.optout, answer.candidate) == (STOPPED, given, dana)
    assert (answer.sender, answer.state) == (acme.sender, "queued")


def test_stop_again_changes_and_says_nothing(acme: Company, dana: Candidate) -> None:
    for word in ("STOP", "stop", "UNSUBSCRIBE"):
        arrive(acme, word)
    assert (OptOut.objects.count(), told()) == (1, [STOPPED])


def test_confirmation_leaves_past_the_opt_out_and_is_free(acme: Company, dana: Candidate) -> None:
    arrive(acme, "STOP")
    steps.answered(steps.on_the_wire())
    assert ([each.state for each in answers()], steps.balance()) == (["accepted"], 500)


def test_stop_withdraws_what_waits(acme: Company, thread: Conversation) -> None:
    waiting = steps.press_send(thread)
    arrive(acme, "STOP")
    waiting.refresh_from_db()
    assert waiting.verdict is not None
    assert (waiting.state, waiting.verdict["code"]) == ("refused", "opted_out")


def test_stop_of_one_company_is_not_the_others(
    acme: Company, globex: Company, dana: Candidate
) -> None:
    arrive(acme, "STOP")
    theirs = arrive(globex, "Hello", sender=DANA)
    assert (is_stopped(dana), is_stopped(theirs.candidate)) == (True, False)


def test_order_needs_no_answer(acme: Company, thread: Conversation) -> None:
    for word in ("HELP", "STOP", "START"):
        message = arrive(acme, word)
        thread.refresh_from_db()
        assert (message.kind, thread.last_direction, thread.waiting_since) == (
            "compliance", "", None,
        )  # fmt: skip


def test_start_lifts_and_confirms_once(acme: Company, dana: Candidate) -> None:
    arrive(acme, "STOP")
    message = arrive(acme, "start")
    lifted = OptOut.objects.get()
    assert (is_stopped(dana), lifted.revoked_by_message_id) == (False, message.id)
    assert told() == [STOPPED, STARTED]


def test_start_lifts_what_staff_recorded(acme: Company, dana: Candidate) -> None:
    stopping.stop(dana, source="staff", by=acme.people["Rita"])
    arrive(acme, "UNSTOP")
    assert (is_stopped(dana), told()) == (False, [STARTED])


def test_start_from_another_address_lifts_all(acme: Company, dana: Candidate) -> None:
    second_address(dana)
    arrive(acme, "STOP")
    arrive(acme, "START", sender=OTHER)
    keys = [(acme.customer.id, addresses.key_of("sms", each)) for each in (DANA, OTHER)]
    assert optout.in_force(keys) == {}


def test_start_of_somebody_else_lifts_nothing(acme: Company, dana: Candidate) -> None:
    arrive(acme, "STOP")
    arrive(acme, "START", sender=STRANGER)
    assert (is_stopped(dana), told()) == (True, [STOPPED])


def test_start_with_nothing_to_lift_is_an_ordinary_text(
    acme: Company, thread: Conversation
) -> None:
    message = arrive(acme, "Start")
    thread.refresh_from_db()
    assert (message.kind, thread.last_direction, told()) == ("typed", "in", [])
    assert thread.waiting_since == message.created_at


def test_yes_lifts_nothing_though_the_provider_takes_it(acme: Company, dana: Candidate) -> None:
    arrive(acme, "STOP")
    message = arrive(acme, "YES", OptOutType="START")
    assert (is_stopped(dana), message.kind, told()) == (True, "typed", [STOPPED])


def test_help_is_answered_for_free_to_the_opted_out_as_well(acme: Company, dana: Candidate) -> None:
    arrive(acme, "STOP")
    arrive(acme, "HELP")
    assert told() == [STOPPED, HELP]
    for _ in range(2):
        steps.answered(steps.on_the_wire())
    assert ([each.state for each in answers()], steps.balance()) == (["accepted"] * 2, 500)


def test_help_is_answered_once_a_day(acme: Company, dana: Candidate) -> None:
    for _ in range(10):
        arrive(acme, "HELP")
    assert told() == [HELP]
    clock.shift(timedelta(hours=24, seconds=1))
    arrive(acme, "info")
    assert told() == [HELP, HELP]


@pytest.mark.parametrize("word", ["STOP", "HELP"])
def test_what_the_provider_answered_is_not_answered_again(
    acme: Company, dana: Candidate, word: str
) -> None:
    arrive(acme, word, OptOutType=word)
    assert (is_stopped(dana), told()) == (word == "STOP", [])


def test_start_that_the_provider_answered_lifts_in_silence(acme: Company, dana: Candidate) -> None:
    stopping.stop(dana, source="staff", by=None)
    arrive(acme, "START", OptOutType="START")
    assert (is_stopped(dana), told()) == (False, [])


def test_what_the_provider_takes_for_a_stop_is_one(acme: Company, dana: Candidate) -> None:
    arrive(acme, "no more of this", OptOutType="STOP")
    assert (is_stopped(dana), OptOut.objects.get().word, told()) == (True, "no more of this", [])


def test_companies_word_their_own_confirmations(acme: Company, dana: Candidate) -> None:
    customer = acme.customer
    customer.optout_text, customer.optin_text = "{company}: stopped.", "{company}: welcome."
    customer.help_text = "{company}: call us."
    customer.save()
    for word in ("STOP", "START", "HELP"):
        arrive(acme, word)
    assert told() == ["Acme: stopped.", "Acme: welcome.", "Acme: call us."]


def test_every_spelling_of_stop_acts_and_sentences_do_not(acme: Company) -> None:
    assert len(STOPS) >= 60
    for number, text in enumerate([*STOPS, *ORDINARY[:5]]):
        arrive(acme, text, sender=f"+1510555{1000 + number}")
    assert (OptOut.objects.count(), told()) == (len(STOPS), [STOPPED] * len(STOPS))


def test_ten_stops_at_once_are_one_opt_out_confirmed_once(open_acme: Company) -> None:
    for _ in range(10):
        event(open_acme, "STOP", sender=STRANGER)
    race(10, lambda _: intake.take_in())
    assert (OptOut.objects.count(), told()) == (1, [STOPPED])


def test_ten_helps_at_once_are_answered_once(open_acme: Company) -> None:
    for _ in range(10):
        event(open_acme, "HELP", sender=STRANGER)
    race(10, lambda _: intake.take_in())
    assert told() == [HELP]
