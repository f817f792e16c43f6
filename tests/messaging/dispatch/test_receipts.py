"""Receipts move a text forward only, once each, and also prove a text whose answer is lost."""

from contextlib import suppress
from datetime import timedelta
from itertools import permutations, product
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from messaging.candidates import optout
from messaging.candidates.models import Address, Candidate
from messaging.conversations import status
from messaging.conversations.models import Attempt, Conversation, Message, Receipt
from messaging.dispatch import errors, receipts
from messaging.providers import Answer
from tests.messaging.steps import (
    FAILED,
    NOT_SENT,
    UNCERTAIN,
    answered,
    balance,
    on_the_wire,
    outcomes,
    press_send,
    receive,
    report,
    sent,
    state,
    yes,
)
from textengage.cast import Company
from textengage.lib import clock


def test_receipts_in_any_order_end_at_the_highest(thread: Conversation) -> None:
    for order in permutations(["queued", "sent", "delivered", "read"]):
        message = sent(thread)
        ranks = []
        for word in order:
            report(word, of=message)
            ranks.append(status.RANK[state(message)])
        assert (state(message), ranks) == ("read", sorted(ranks))
    assert Receipt.objects.filter(applied_at=None).count() == 0


def test_delivered_beats_undelivered_whatever_came_first(thread: Conversation) -> None:
    for order in permutations(["sending", "sent", "undelivered", "delivered"]):
        message = sent(thread)
        for word in order:
            receive(word, of=message, error_code="30003" if word == "undelivered" else "")
        receipts.apply_waiting()
        message.refresh_from_db()
        assert (message.state, message.error_code, message.error_sentence) == ("delivered", "", "")
        assert message.delivered_at is not None


def test_receipt_is_stored_once(thread: Conversation) -> None:
    message = sent(thread)
    receive("sent", of=message)
    with pytest.raises(IntegrityError, match="messaging_receipt_once"), transaction.atomic():
        receive("sent", of=message)


def test_applied_receipt_is_not_looked_at_again(thread: Conversation) -> None:
    message = sent(thread)
    receive("delivered", of=message)
    assert [receipts.apply_waiting(), receipts.apply_waiting()] == [1, 0]
    delivered_at = Message.objects.get().delivered_at
    report("read", of=message)
    assert Message.objects.get().delivered_at == delivered_at


@pytest.mark.parametrize("word", ["undelivered", "failed"])
def test_undelivered_text_says_why_and_keeps_its_charge(thread: Conversation, word: str) -> None:
    message = sent(thread)
    assert report(word, of=message, error_code="30003") == "undelivered"
    message.refresh_from_db()
    assert (message.error_code, balance()) == ("30003", 499)
    assert message.error_sentence == errors.meaning_of("30003").sentence


def test_undelivered_to_a_landline_marks_the_address(thread: Conversation) -> None:
    report("undelivered", of=sent(thread), error_code="30006")
    sentence = "This is a landline, which cannot receive texts."
    assert Address.objects.get().unusable_reason == sentence


def test_undelivered_to_somebody_opted_out_is_do_not_text(
    thread: Conversation, dana: Candidate
) -> None:
    report("undelivered", of=sent(thread), error_code="21610")
    given = optout.state_of(dana)
    assert given is not None
    assert given.source == "provider"


def test_undelivered_without_a_code_is_only_that(thread: Conversation) -> None:
    assert report("undelivered", of=sent(thread)) == "undelivered"
    assert Address.objects.get().unusable_reason == ""


def test_receipt_before_the_answer_accepts_the_text(thread: Conversation) -> None:
    message = press_send(thread)
    going = on_the_wire()
    assert report("sent", of=message, provider_sid="SM7") == "sent"
    answered(going, yes("SM7"))
    message.refresh_from_db()
    assert (message.state, message.provider_sid, outcomes(message)) == ("sent", "SM7", ["accepted"])
    assert message.accepted_at is not None


def test_receipt_resolves_the_doubt(thread: Conversation) -> None:
    message = sent(thread, UNCERTAIN)
    assert report("delivered", of=message, provider_sid="SM7") == "delivered"
    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.provider_sid) == ("accepted", "SM7")
    assert (attempt.finished_at is not None, balance()) == (True, 499)


def test_receipt_proves_an_unconfirmed_text(thread: Conversation) -> None:
    message = sent(thread, UNCERTAIN)
    Message.objects.update(state="unconfirmed")
    Attempt.objects.update(finished_at=clock.now(), outcome="absent")
    assert report("sent", of=message, provider_sid="SM7") == "sent"
    assert outcomes(message) == ["accepted"]


@pytest.mark.parametrize(
    "word", ["canceled", "receiving", "received", "partially_delivered", "new"]
)
def test_word_that_says_nothing_about_arrival_moves_nothing(
    thread: Conversation, word: str
) -> None:
    assert report(word, of=sent(thread)) == "accepted"


@pytest.mark.usefixtures("acme")
def test_receipt_for_an_unknown_text_is_parked_after_ten_minutes() -> None:
    receive("sent", attempt=uuid4(), provider_sid="SM9")
    receipts.apply_waiting()
    assert not Receipt.objects.get().parked
    clock.shift(timedelta(minutes=10))
    receipts.apply_waiting()
    assert (Receipt.objects.get().parked, receipts.apply_waiting()) == (True, 0)


def test_receipt_without_an_attempt_finds_its_text_by_the_providers_id(
    thread: Conversation,
) -> None:
    message = sent(thread, yes("SM1"))
    receive("delivered", attempt=uuid4(), provider_sid="SM1")
    receipts.apply_waiting()
    assert state(message) == "delivered"


def test_many_receipts_of_many_texts_are_applied_together(thread: Conversation) -> None:
    first, second = sent(thread), sent(thread)
    for word in ("sent", "delivered"):
        for message in (first, second):
            receive(word, of=message)
    assert receipts.apply_waiting() == 4
    assert (state(first), state(second)) == ("delivered", "delivered")


WORDS = ("queued", "sent", "undelivered", "delivered")
DOUBLED = [
    tuple(word for word, twice in zip(WORDS, bits, strict=True) if twice)
    for bits in product((False, True), repeat=4)
]


@pytest.mark.parametrize("again", DOUBLED, ids="+".join)
def test_every_order_of_four_words_with_any_doubled_ends_the_same(
    thread: Conversation, again: tuple[str, ...]
) -> None:
    ends = set()
    for order in permutations(WORDS):
        message = sent(thread)
        for word in (*order, *again):
            code = "30003" if word == "undelivered" else ""
            with suppress(IntegrityError), transaction.atomic():
                receive(word, of=message, error_code=code)
            if not again:
                receipts.apply_waiting()
        receipts.apply_waiting()
        message.refresh_from_db()
        ends.add((message.state, message.error_code, message.delivered_at is not None))
    assert ends == {("delivered", "", True)}


@pytest.mark.parametrize(
    ("words", "end"),
    [
        (("undelivered", "delivered"), ("delivered", "")),
        (("delivered", "undelivered"), ("delivered", "")),
        (("failed", "sent"), ("undelivered", "30003")),
        (("sent", "failed"), ("undelivered", "30003")),
    ],
)
def test_best_evidence_stays_and_both_are_kept(
    thread: Conversation, words: tuple[str, ...], end: tuple[str, str]
) -> None:
    message = sent(thread)
    for word in words:
        report(word, of=message, error_code="30003" if word in ("undelivered", "failed") else "")
    message.refresh_from_db()
    assert (message.state, message.error_code) == end
    assert list(Receipt.objects.order_by("id").values_list("status", flat=True)) == list(words)


def test_parked_receipt_is_found_once_its_text_is_known(thread: Conversation) -> None:
    press_send(thread)
    going = on_the_wire()
    receive("delivered", attempt=uuid4(), provider_sid="SM9")
    clock.shift(timedelta(minutes=11))
    receipts.apply_waiting()
    assert (Receipt.objects.get().parked, receipts.find_parked()) == (True, 0)
    answered(going, yes("SM9"))
    assert (receipts.find_parked(), receipts.find_parked()) == (1, 0)
    receipts.apply_waiting()
    receipt = Receipt.objects.get()
    assert (receipt.parked, receipt.applied_at is not None) == (False, True)
    assert state(going[0].message_id) == "delivered"


def test_second_id_for_one_attempt_is_evidence_of_the_text(thread: Conversation) -> None:
    message = sent(thread, yes("SM1"))
    assert report("delivered", of=message, provider_sid="SM2") == "delivered"
    message.refresh_from_db()
    assert (message.provider_sid, Receipt.objects.filter(applied_at=None).count()) == ("SM1", 0)
    # The text went twice: the audit would say so.
    Receipt.objects.all().delete()


def test_receipt_of_another_customers_account_moves_nothing(
    thread: Conversation, globex: Company
) -> None:
    message = sent(thread, yes("SM1"))
    Receipt.objects.create(
        customer=globex.customer,
        account=globex.account,
        attempt_id=Attempt.objects.get(message=message).id,
        provider_sid="SM1",
        status="delivered",
    )
    receipts.apply_waiting()
    assert (state(message), Receipt.objects.get().applied_at) == ("accepted", None)
    Receipt.objects.all().delete()


@pytest.mark.parametrize("answer", [FAILED, NOT_SENT])
def test_receipt_outweighs_an_answer_that_said_no(thread: Conversation, answer: Answer) -> None:
    message = sent(thread, answer)
    assert balance() == 500
    assert report("delivered", of=message) == "delivered"
    assert (outcomes(message), balance()) == (["accepted"], 499)
