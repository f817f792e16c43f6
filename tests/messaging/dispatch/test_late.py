"""Proof that comes when a text was given up: it is moved forward, and counts exactly once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import User
from credits.models import ContactWindow, Grant, LedgerEntry
from messaging.conversations.models import Attempt, Conversation, Message, Receipt
from messaging.dispatch import late, outbox, receipts, settle, stopping, sweeps
from messaging.dispatch.claim import Claimed
from messaging.dispatch.settle import Settled
from messaging.providers import Answer
from tests import make
from tests.messaging import ledger_state
from tests.messaging.steps import (
    FAILED,
    NOT_SENT,
    UNCERTAIN,
    answered,
    balance,
    claimed,
    given_up,
    on_the_wire,
    outcomes,
    press_send,
    queued,
    receive,
    state,
    yes,
)
from textengage import invariants
from textengage.cast import Company
from textengage.lib import clock

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Prove = Callable[[Message], None]


def first_attempt(message: Message) -> Attempt:
    return Attempt.objects.get(message=message, number=1)


def by_receipt(message: Message) -> None:
    receive("sent", attempt=first_attempt(message).id, provider_sid="SM1")
    receipts.apply_waiting()


def by_answer(message: Message) -> None:
    settle.settle([Settled(message.id, first_attempt(message).id, yes("SM1"))])


def absent(thread: Conversation) -> Message:
    """A bulk text that nobody found until the horizon: queued again, its contact given back."""
    message = queued(thread, kind="campaign")
    answered(on_the_wire(), UNCERTAIN)
    given_up(message)
    assert (state(message), balance()) == ("queued", 500)
    return message


def live_charges() -> list[str]:
    """Whose charges hold, by body."""
    charges = LedgerEntry.objects.filter(kind="charge")
    gone = LedgerEntry.objects.filter(kind="refund").values("reverses_id")
    kept = charges.exclude(id__in=gone).order_by("id").values_list("message_id", flat=True)
    bodies = dict(Message.objects.values_list("id", "body"))
    return [bodies[id] or "" for id in kept if id]


@pytest.fixture(params=[by_receipt, by_answer])
def prove(request: pytest.FixtureRequest) -> Prove:
    found: Prove = request.param
    return found


def canceled(message: Message, by: User) -> None:
    outbox.cancel(message, by=by)


def refused(message: Message, by: User) -> None:
    stopping.stop(message.candidate, source="inbound", word="stop")


def expired(message: Message, by: User) -> None:
    Message.objects.filter(id=message.id).update(expires_at=clock.now())
    sweeps.expire()


def held(message: Message, by: User) -> None:
    Message.objects.filter(id=message.id).update(state="held", due_at=clock.now() + DAY)


def about_to_go(message: Message, by: User) -> None:
    assert [each.message_id for each in claimed()] == [message.id]


def failed_again(message: Message, by: User) -> None:
    answered(on_the_wire(), FAILED)


def not_sent_again(message: Message, by: User) -> None:
    answered(on_the_wire(), NOT_SENT)


def still_queued(message: Message, by: User) -> None:
    return


@pytest.mark.parametrize(
    "meanwhile",
    [still_queued, held, canceled, refused, expired, about_to_go, failed_again, not_sent_again],
)
def test_text_that_was_given_up_is_moved_forward_and_counts(
    thread: Conversation, rita: User, prove: Prove, meanwhile: Callable[[Message, User], None]
) -> None:
    message = absent(thread)
    meanwhile(message, rita)
    prove(message)
    message.refresh_from_db()
    assert message.state == ("sent" if prove is by_receipt else "accepted")
    assert (message.provider_sid, balance(), live_charges()) == ("SM1", 499, ["Hi"])
    assert outcomes(message)[0] == "accepted"
    assert message.decided_at == first_attempt(message).claimed_at
    assert (claimed(), sweeps.release()) == ([], 0)
    assert Attempt.objects.filter(finished_at=None).count() == 0
    assert Receipt.objects.filter(applied_at=None).count() == 0


def test_proof_may_come_again(thread: Conversation, prove: Prove) -> None:
    message = absent(thread)
    prove(message)
    before = (state(message), balance(), outcomes(message))
    late.prove(message.id, first_attempt(message).id, "SM1")
    by_answer(message)
    assert (state(message), balance(), outcomes(message)) == before


def test_person_texted_by_it_is_free_for_45_days_from_then(
    thread: Conversation, prove: Prove
) -> None:
    message = absent(thread)
    clock.shift(30 * MINUTE)
    prove(message)
    window = ContactWindow.objects.get()
    assert (window.last_at, window.message_id) == (first_attempt(message).claimed_at, message.id)
    answered(press_and_go(thread, "Second"))
    assert (balance(), live_charges()) == (499, ["Hi"])


def press_and_go(thread: Conversation, body: str) -> list[Claimed]:
    press_send(thread, body)
    return on_the_wire()


def test_later_text_that_was_charged_in_its_place_gets_its_contact_back(
    thread: Conversation, rita: User, prove: Prove
) -> None:
    message = absent(thread)
    outbox.cancel(message, by=rita)
    answered(press_and_go(thread, "Second"))
    assert live_charges() == ["Second"]
    prove(message)
    assert (balance(), live_charges()) == (499, ["Hi"])
    window = ContactWindow.objects.get()
    second = Message.objects.get(body="Second")
    assert (window.last_at, window.message_id) == (second.decided_at, second.id)
    assert window.previous_at == first_attempt(message).claimed_at


def test_later_text_that_then_never_leaves_puts_the_clock_back_to_it(
    thread: Conversation, rita: User, prove: Prove
) -> None:
    message = absent(thread)
    outbox.cancel(message, by=rita)
    going = press_and_go(thread, "Second")
    prove(message)
    answered(going, FAILED)
    assert (balance(), live_charges()) == (499, ["Hi"])
    assert ContactWindow.objects.get().last_at == first_attempt(message).claimed_at


def test_text_more_than_45_days_later_keeps_its_own_charge(
    thread: Conversation, rita: User, prove: Prove
) -> None:
    message = absent(thread)
    outbox.cancel(message, by=rita)
    clock.shift(46 * DAY)
    answered(press_and_go(thread, "Second"))
    prove(message)
    assert (balance(), sorted(live_charges())) == (498, ["Hi", "Second"])


def test_text_within_45_days_of_an_earlier_one_stays_free(
    thread: Conversation, prove: Prove
) -> None:
    answered(press_and_go(thread, "First"))
    message = queued(thread, kind="campaign")
    answered(on_the_wire(), UNCERTAIN)
    given_up(message)
    prove(message)
    assert (balance(), live_charges()) == (499, ["First"])


def test_contact_spent_meanwhile_is_made_good(
    thread: Conversation, acme: Company, rita: User, prove: Prove
) -> None:
    message = absent(thread)
    outbox.cancel(message, by=rita)
    ledger_state.leave(1)
    answered(press_and_go(make.thread(acme, make.candidate(acme, 7), rita), "Other"))
    assert balance() == 0
    prove(message)
    assert (balance(), sorted(live_charges())) == (0, ["Hi", "Other"])
    made_good = Grant.objects.get(kind=Grant.ADJUSTMENT)
    assert (made_good.amount, made_good.remaining) == (1, 0)


def test_proof_of_the_first_try_ends_the_wait_for_a_second(
    thread: Conversation, prove: Prove
) -> None:
    message = absent(thread)
    again = on_the_wire()
    prove(message)
    assert (balance(), outcomes(message)) == (499, ["accepted", "uncertain"])
    answered(again, UNCERTAIN)
    answered(again, FAILED)
    assert state(message) in ("sent", "accepted")
    assert (balance(), outcomes(message)) == (499, ["accepted", "uncertain"])
    assert Attempt.objects.filter(finished_at=None).count() == 0


def test_second_id_is_kept_with_its_attempt_and_told_by_the_audit(
    thread: Conversation, prove: Prove
) -> None:
    message = absent(thread)
    again = on_the_wire()
    prove(message)
    answered(again, yes("SM2"))
    message.refresh_from_db()
    assert (message.provider_sid, balance()) == ("SM1", 499)
    assert outcomes(message) == ["accepted", "accepted"]
    sids = Attempt.objects.order_by("number").values_list("provider_sid", flat=True)
    assert list(sids) == ["SM1", "SM2"]
    assert violated() == {"O2": [str(message.id)]}
    Attempt.objects.filter(number=2).update(provider_sid="")


def test_best_receipt_of_either_try_counts(thread: Conversation) -> None:
    message = absent(thread)
    answered(on_the_wire(), yes("SM2"))
    receive("delivered", attempt=first_attempt(message).id, provider_sid="SM1")
    receipts.apply_waiting()
    message.refresh_from_db()
    assert (message.state, message.provider_sid, balance()) == ("delivered", "SM2", 499)
    receive("sent", of=message, provider_sid="SM2")
    receipts.apply_waiting()
    assert (state(message), Receipt.objects.filter(applied_at=None).count()) == ("delivered", 0)
    assert violated() == {"O2": [str(message.id)]}
    Receipt.objects.all().delete()
    Attempt.objects.filter(number=1).update(provider_sid="")


def violated() -> dict[str, list[str]]:
    found = invariants.inspect().findings
    return {each.code: finding.ids for each, finding in found.items() if finding.count}


def test_id_of_another_text_is_not_taken_and_holds_up_nobody(
    thread: Conversation, acme: Company, rita: User
) -> None:
    first = press_and_go(thread, "First")
    answered(first, yes("SM1"))
    other = make.thread(acme, make.candidate(acme, 7), rita)
    message = queued(other, kind="campaign")
    answered(on_the_wire(), UNCERTAIN)
    given_up(message)
    wrong = receive("sent", attempt=first_attempt(message).id, provider_sid="SM1")
    receive("delivered", attempt=first[0].attempt_id, provider_sid="SM1")
    receipts.apply_waiting()
    by_answer(message)
    assert (state(message), state(first[0].message_id)) == ("queued", "delivered")
    wrong.refresh_from_db()
    assert (wrong.parked, wrong.applied_at) == (True, None)
    assert receipts.find_parked() == 0
    wrong.delete()


def test_poisonous_receipt_of_a_text_on_the_wire_holds_up_nobody(
    thread: Conversation, acme: Company, rita: User
) -> None:
    (first,) = press_and_go(thread, "First")
    answered([first], yes("SM1"))
    (second,) = press_and_go(make.thread(acme, make.candidate(acme, 7), rita), "Second")
    wrong = receive("sent", attempt=second.attempt_id, provider_sid="SM1")
    receive("delivered", attempt=first.attempt_id, provider_sid="SM1")
    assert receipts.apply_waiting() == 2
    wrong.refresh_from_db()
    assert (state(first.message_id), state(second.message_id)) == ("delivered", "sending")
    assert (wrong.parked, receipts.apply_waiting()) == (True, 0)
    wrong.delete()
    answered([second])


def test_undelivered_text_that_was_given_up_says_why(thread: Conversation) -> None:
    message = absent(thread)
    receive("failed", attempt=first_attempt(message).id, provider_sid="SM1", error_code="30006")
    receipts.apply_waiting()
    message.refresh_from_db()
    assert (message.state, message.error_code, balance()) == ("undelivered", "30006", 499)
    assert message.address is not None
    assert message.address.unusable_reason == message.error_sentence


def test_confirmation_proves_itself_without_a_contact(thread: Conversation, acme: Company) -> None:
    stopping.stop(thread.candidate, source="inbound", word="stop")
    message = queued(thread, kind="compliance", sender=acme.sender)
    (going,) = on_the_wire()
    answered([going], NOT_SENT)
    late.prove(message.id, going.attempt_id, "SM1")
    assert (state(message), balance()) == ("accepted", 500)


@pytest.mark.parametrize("answer", [UNCERTAIN, FAILED, NOT_SENT])
def test_other_answers_to_an_attempt_that_was_given_up_change_nothing(
    thread: Conversation, answer: Answer
) -> None:
    message = absent(thread)
    settle.settle([Settled(message.id, first_attempt(message).id, answer)])
    assert (state(message), outcomes(message)) == ("queued", ["absent"])
    again = on_the_wire()
    settle.settle([Settled(message.id, first_attempt(message).id, answer)])
    assert state(message) == "sending"
    answered(again)
    assert (state(message), outcomes(message)) == ("accepted", ["absent", "accepted"])
