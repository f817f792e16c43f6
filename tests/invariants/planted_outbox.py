"""Violations of what holds for texts we send. Each returns the ids the audit must name."""

from datetime import timedelta
from uuid import uuid4

from messaging.conversations.models import Attempt, Message, Receipt
from tests.invariants import database
from tests.invariants.world import MICROSECOND, MINUTE, SECOND, Person, World


def o1_one_provider_id_on_two_texts(world: World, dana: Person) -> list[object]:
    database.drop("messaging_message_one_provider_id")
    first = world.text(dana, world.ago(hours=2), "accepted")
    second = world.text(dana, world.ago(hours=1), "accepted", provider_sid=first.provider_sid)
    return [first.id, second.id]


def o1_an_attempt_holds_another_texts_id(world: World, dana: Person) -> list[object]:
    first = world.text(dana, world.ago(hours=2), "accepted")
    second = world.text(dana, world.ago(hours=1), "unconfirmed")
    Attempt.objects.filter(message=second).update(provider_sid=first.provider_sid)
    return [first.id, second.id]


def o2_accepted_twice(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2))
    world.attempt(text, world.ago(hours=1), outcome="accepted", provider_sid="SM-again")
    return [text.id]


def o2_a_receipt_proves_a_second_sending(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2))
    world.receipt(text, "sent", world.ago(hours=1), provider_sid="SM-again")
    return [text.id]


def o3_accepted_without_the_providers_id(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2), "accepted", provider_sid=None)
    return [text.id]


def o3_accepted_by_no_account(world: World, dana: Person) -> list[object]:
    return [world.text(dana, world.ago(hours=2), "accepted", account=None).id]


def o3_sent_at_no_time(world: World, dana: Person) -> list[object]:
    database.drop("messaging_message_accepted")
    text = world.text(dana, world.ago(hours=2), "sent", accepted_at=None)
    return [text.id]


def o4_claimed_and_forgotten(world: World, dana: Person) -> list[object]:
    return [world.text(dana, world.now - 91 * SECOND, "claimed").id]


def o4_sending_and_forgotten(world: World, dana: Person) -> list[object]:
    return [world.text(dana, world.now - 91 * SECOND, "sending").id]


def o4_on_the_wire_after_its_lease(world: World, dana: Person) -> list[object]:
    at = world.ago(hours=2)
    text = world.text(dana, at)
    text.attempts.update(wire_at=at + 60 * SECOND + MICROSECOND)
    return [text.id]


def o5_uncertain_for_a_day(world: World, dana: Person) -> list[object]:
    return [world.text(dana, world.now - timedelta(days=1, seconds=1), "uncertain").id]


def o6_open_attempt_of_a_settled_text(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2))
    text.attempts.update(finished_at=None)
    return list(text.attempts.values_list("id", flat=True))


def o6_open_attempt_that_is_not_the_newest(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.now - SECOND, "claimed")
    world.attempt(text, world.now, is_open=True)
    return list(text.attempts.filter(number=1).values_list("id", flat=True))


def o7_idempotency_key_used_twice(world: World, dana: Person) -> list[object]:
    database.drop("messaging_message_idempotent")
    at = world.ago(hours=2)
    texts = [world.text(dana, at + n * SECOND, idempotency_key="again") for n in range(2)]
    return [text.id for text in texts]


def o8_sent_though_the_receipt_says_delivered(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2), "sent")
    world.receipt(text, "delivered", world.ago(hours=1))
    return [text.id]


def o8_queued_again_though_the_attempt_arrived(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2), "queued")
    world.receipt(text, "sent", world.ago(hours=1), provider_sid="SM-first")
    return [text.id]


def o8_unconfirmed_though_the_attempt_arrived(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2), "unconfirmed")
    world.receipt(text, "sent", world.ago(hours=1), provider_sid="SM-late")
    return [text.id]


def o8_receipt_left_lying_for_ten_minutes(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2), "accepted")
    world.receipt(text, "sent", world.now - 10 * MINUTE - SECOND, applied_at=None)
    return [text.id]


def o9_receipt_of_no_text(world: World, dana: Person) -> list[object]:
    text = world.text(dana, world.ago(hours=2))
    at = world.now - 10 * MINUTE - SECOND
    return [world.receipt(text, "sent", at, provider_sid="SM-none", attempt_id=uuid4()).id]


def o10_two_in_flight_to_one_person(world: World, dana: Person) -> list[object]:
    database.drop("messaging_message_one_in_flight")
    states = ("uncertain", "claimed")
    return [world.text(dana, world.now - SECOND, state).id for state in states]


def o11_receipt_applied_twice(world: World, dana: Person) -> list[object]:
    database.drop("messaging_receipt_once")
    text: Message = world.text(dana, world.ago(hours=2), "sent")
    world.receipt(text, "sent", world.ago(hours=1))
    found = Receipt.objects.filter(provider_sid=text.provider_sid)
    return list(found.values_list("id", flat=True))
